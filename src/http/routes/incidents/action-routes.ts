import type { TSchema } from "@sinclair/typebox";
import type { IncidentCommand } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { versionsOfIfMatch } from "../../entity-tag.ts";
import { severityNumber } from "../../fields.ts";
import { invalidField } from "../../problem-error.ts";
import type { ProblemCode } from "../../problems.ts";
import { parseInstant } from "../../rfc3339.ts";
import type { Services } from "../../services.ts";
import { runOnIncident } from "./incident-answer.ts";
import {
  AcknowledgeBody,
  AssignBody,
  EmptyBody,
  EscalateBody,
  MergeBody,
  ReasonBody,
  ResolveBody,
  SnoozeBody,
} from "./incident-bodies.ts";
import { addressedNumber, incidentNumber } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";
import { IncidentAnswer } from "./incident-view.ts";

type CommandOf<Body> = (body: Body, incident: number, services: Services) => IncidentCommand | Promise<IncidentCommand>;

/** POST /incidents/{id}/<action>, one after another: each is a command on one incident and answers with it. */
export function actionRoutes(app: App, services: Services): void {
  const action = <Body extends TSchema>(
    name: string,
    summary: string,
    body: Body,
    problems: readonly ProblemCode[],
    commandOf: CommandOf<Body["static"]>,
  ): void => {
    const needsBody = Array.isArray(body.required) || Array.isArray(body.anyOf);
    app.post<{ Params: { id: string }; Body: Body["static"] }>(
      `/incidents/:id/${name}`,
      {
        schema: { tags: ["incidents"], summary, params: IncidentPath, body, response: { 200: IncidentAnswer } },
        config: {
          right: "work",
          answers: { 200: "The incident, as the rules left it" },
          tagged: true,
          conditional: true,
          optional_body: !needsBody,
          problems: ["incident-not-found", "illegal-transition", ...problems],
        },
      },
      async (request, reply) => {
        const incident = await addressedNumber(services, request.params.id);
        const if_version = versionsOfIfMatch(request.headers["if-match"]);
        const command = await commandOf(request.body, incident, services);
        return runOnIncident(services, request, reply, if_version === undefined ? command : { ...command, if_version });
      },
    );
  };

  const handlerProblems = ["unknown-handler", "handler-in-another-team", "handler-has-left"] as const;

  action("acknowledge", "Say that it is seen to", AcknowledgeBody, handlerProblems, (body, incident) => ({
    kind: "acknowledge",
    incident,
    ...body,
  }));
  action("resolve", "The work is done", ResolveBody, [], (body, incident) => ({ kind: "resolve", incident, ...body }));
  action("close", "Finish it for the books; an open one is resolved as well", ReasonBody, [], (body, incident) => ({
    kind: "close",
    incident,
    ...body,
  }));
  action("reopen", "To be worked on again", ReasonBody, ["dedup-key-open"], (body, incident) => ({
    kind: "reopen",
    incident,
    ...body,
  }));
  action("dismiss", "A false alarm", ReasonBody, [], (body, incident) => ({ kind: "dismiss", incident, ...body }));
  action(
    "escalate",
    "Raise its severity; without one, one step up",
    EscalateBody,
    ["not-higher"],
    ({ severity, ...body }, incident) => ({
      kind: "escalate",
      incident,
      ...body,
      ...(severity === undefined ? {} : { severity: severityNumber(severity) }),
    }),
  );
  action(
    "assign",
    "Hand it to a handler of its team, busy or not",
    AssignBody,
    [...handlerProblems, "handler-unavailable"],
    (body, incident) => ({ kind: "assign", incident, ...body }),
  );
  action("unassign", "Hand it back to the queue", ReasonBody, [], (body, incident) => ({
    kind: "unassign",
    incident,
    ...body,
  }));
  action(
    "snooze",
    "Let it sleep until a time, or for so many minutes",
    SnoozeBody,
    ["until-not-in-the-future", "until-too-far"],
    ({ until, ...body }, incident) => {
      if (until !== undefined && body.minutes !== undefined)
        throw invalidField("#/minutes", "must not stand beside until");
      return {
        kind: "snooze",
        incident,
        ...body,
        ...(until === undefined ? {} : { until: parseInstant(until) ?? until }),
      };
    },
  );
  action("wake", "Wake it before its time", EmptyBody, [], (_, incident) => ({ kind: "wake", incident }));
  action(
    "merge",
    "Close it as a duplicate of another open incident of the team",
    MergeBody,
    ["unknown-incident", "merge-into-itself", "merge-target-not-open", "merge-across-teams"],
    async ({ into, ...body }, incident, services) => {
      const target = await incidentNumber(services, into);
      if (target === null) throw invalidField("#/into", `names no incident: there is none with the id ${into}`);
      return { kind: "merge", incident, into: target, ...body };
    },
  );
}
