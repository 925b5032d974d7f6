import type { FastifyReply, FastifyRequest } from "fastify";
import type { Update } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { versionsOfIfMatch } from "../../entity-tag.ts";
import { severityNumber } from "../../fields.ts";
import { readIdempotencyKey } from "../../idempotency-key.ts";
import { knownKey } from "../../known-key.ts";
import { ProblemError } from "../../problem-error.ts";
import { parseInstant } from "../../rfc3339.ts";
import type { Services } from "../../services.ts";
import { runOnIncident } from "./incident-answer.ts";
import { askedStatuses, PatchBody, UpdateBody } from "./incident-bodies.ts";
import { addressedNumber, findIncident } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";
import { IncidentAnswer, type IncidentJson } from "./incident-view.ts";
import { type LabelChanges, mergedLabels, wholeLabels } from "./label-patch.ts";

type Body = (typeof PatchBody)["static"];
type UpdateRequest = FastifyRequest<{ Params: { id: string }; Body: Body }>;

/** How often a merge of labels is tried again because the incident changed meanwhile. */
const most_tries = 5;

/** PUT and PATCH /incidents/{id}: Update. Both change what is named and leave the rest. */
export function updateRoute(app: App, services: Services): void {
  const update = async (request: UpdateRequest, reply: FastifyReply) => {
    const incident = await addressedNumber(services, request.params.id);
    const if_version = versionsOfIfMatch(request.headers["if-match"]);
    const { labels, ...body } = request.body;
    const command = updateOf(body, incident, if_version);
    if (labels === undefined) return runOnIncident(services, request, reply, command);
    if (request.mediaType === "application/merge-patch+json")
      return mergeLabels(services, request, reply, command, labels);
    return runOnIncident(services, request, reply, { ...command, labels: wholeLabels(labels) });
  };
  for (const method of ["PUT", "PATCH"] as const) {
    app.route<{ Params: { id: string }; Body: Body }>({
      method,
      url: "/incidents/:id",
      schema: {
        tags: ["incidents"],
        summary: "Update an incident",
        description:
          "Changes the fields that are named, in one commit; what is not named stays. `labels` and `links` are replaced whole; only a merge patch changes single labels.",
        params: IncidentPath,
        body: method === "PATCH" ? PatchBody : UpdateBody,
        response: { 200: IncidentAnswer },
      },
      config: {
        right: "work",
        answers: { 200: "The incident, as the rules left it" },
        tagged: true,
        conditional: true,
        problems: [
          "incident-not-found",
          "unknown-team",
          "unknown-handler",
          "contradiction",
          "until-not-in-the-future",
          "until-too-far",
          "illegal-transition",
          "handler-unavailable",
          "handler-in-another-team",
          "handler-has-left",
          "dedup-key-open",
        ],
      },
      handler: update,
    });
  }
}

/**
 * Merges labels into those that the incident has now; what is written holds for exactly that version. A repeat is not
 * merged: the incident may have changed or gone since.
 */
async function mergeLabels(
  services: Services,
  request: UpdateRequest,
  reply: FastifyReply,
  command: Update,
  changes: LabelChanges,
): Promise<IncidentJson> {
  if (await isRepeat(services, request)) {
    // No version fits: should the key be forgotten just now, this is refused and not done again without the labels.
    return runOnIncident(services, request, reply, { ...command, if_version: [] });
  }
  for (let tries = 1; ; tries += 1) {
    const { incident } = await findIncident(services, request.params.id);
    const isWanted = command.if_version === undefined || command.if_version.includes(incident.version);
    const if_version = isWanted ? [incident.version] : command.if_version;
    const merging = { ...command, labels: mergedLabels(incident, changes), if_version };
    try {
      return await runOnIncident(services, request, reply, merging);
    } catch (error) {
      const isStale = error instanceof ProblemError && error.code === "version-mismatch";
      if (!isStale || !isWanted || command.if_version !== undefined || tries >= most_tries) throw error;
    }
  }
}

/** Whether the desk remembers the request's idempotency key. */
async function isRepeat(services: Services, { actor, headers }: UpdateRequest): Promise<boolean> {
  const header = headers["idempotency-key"];
  if (header === undefined) return false;
  return (await knownKey(services, actor, readIdempotencyKey(String(header)))) !== null;
}

/** The command that a body stands for. */
function updateOf(body: Omit<Body, "labels">, incident: number, if_version: readonly number[] | undefined): Update {
  const { severity, status, until, ...rest } = body;
  const asked = askedStatuses.find((word) => word === status?.toLowerCase());
  return {
    kind: "update",
    incident,
    ...(if_version === undefined ? {} : { if_version }),
    ...rest,
    ...(severity === undefined ? {} : { severity: severityNumber(severity) }),
    ...(asked === undefined ? {} : { status: asked }),
    ...(until === undefined ? {} : { until: parseInstant(until) ?? until }),
  };
}
