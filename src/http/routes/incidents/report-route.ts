import type { FastifyRequest } from "fastify";
import type { RecordedEvent } from "../../../../events/recorded-event.ts";
import type { Report } from "../../../rules/commands.ts";
import { has, principalOf } from "../../../rules/rights.ts";
import type { App } from "../../app-type.ts";
import { severityNumber } from "../../fields.ts";
import { invalidField } from "../../problem-error.ts";
import { parseInstant } from "../../rfc3339.ts";
import type { Services } from "../../services.ts";
import { titleOf } from "../../title-of.ts";
import { runOnIncident } from "./incident-answer.ts";
import { ReportBody } from "./incident-bodies.ts";
import { IncidentAnswer, type IncidentJson } from "./incident-view.ts";

/** POST /incidents: Report. */
export function reportRoute(app: App, services: Services): void {
  app.post(
    "/incidents",
    {
      schema: {
        tags: ["incidents"],
        summary: "Report an incident",
        operationId: "reportIncident",
        description:
          "A report whose `dedup_key` is open in the team is recorded as a repeat of that incident. An integration, which may only report, gets the answer without texts and labels.",
        body: ReportBody,
        response: { 200: IncidentAnswer, 201: IncidentAnswer },
      },
      config: {
        right: "report",
        answers: { 200: "A repeat: the open incident that it belongs to", 201: "The incident, as settled" },
        tagged: true,
        problems: [
          "unknown-team",
          "unknown-handler",
          "contradiction",
          "timestamp-in-the-future",
          "handler-unavailable",
          "handler-in-another-team",
          "handler-has-left",
        ],
      },
    },
    async (request, reply) => {
      const command = reportOf(request.body, services.runtime.uuid());
      const incident = await runOnIncident(services, request, reply, command, statusOf);
      reply.header("location", `/incidents/${incident.incident_id}`);
      return mayRead(services, request) ? incident : withoutTexts(incident);
    },
  );
}

/** An integration reports, and reads nothing. */
function mayRead({ desk }: Services, { actor }: FastifyRequest): boolean {
  const principal = principalOf(desk.board, actor, () => desk.now());
  return principal !== null && has(principal.role, "read");
}

/** What others have written, perhaps long before this report: whoever guesses a key shall not learn it. */
function withoutTexts(incident: IncidentJson): IncidentJson {
  const none = { title: null, description: null, reported_by: null, resolution: null };
  return { ...incident, ...none, links: [], labels: {} };
}

/** 201 where the report opened an incident, 200 where it repeated one. */
function statusOf(events: readonly RecordedEvent[]): number {
  return events.some((event) => event.type === "incident.reported") ? 201 : 200;
}

/** The command that a body stands for. */
function reportOf(body: (typeof ReportBody)["static"], incident_id: string): Report {
  const { title, severity, timestamp, status, ...rest } = body;
  return {
    kind: "report",
    incident_id,
    ...rest,
    title: title ?? titleFrom(body.description ?? ""),
    ...(severity === undefined ? {} : { severity: severityNumber(severity) }),
    ...(timestamp === undefined ? {} : { timestamp: parseInstant(timestamp) ?? timestamp }),
    ...(status === undefined ? {} : { status: "resolved" }),
  };
}

/** The title that a description stands in for. */
function titleFrom(description: string): string {
  const title = titleOf(description);
  if (title === null) throw invalidField("#/description", "must say something where there is no title");
  return title;
}
