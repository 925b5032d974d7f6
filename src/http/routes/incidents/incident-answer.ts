import type { FastifyReply, FastifyRequest } from "fastify";
import type { RecordedEvent } from "../../../../events/recorded-event.ts";
import type { Incident } from "../../../../projections/incident.ts";
import { foldIncidentTexts, type IncidentTexts, noTexts } from "../../../../projections/incident-texts.ts";
import type { IncidentCommand, Report } from "../../../rules/commands.ts";
import { type Done, run } from "../../command-answer.ts";
import { entityTag } from "../../entity-tag.ts";
import type { Services } from "../../services.ts";
import { textsOf } from "./incident-lookup.ts";
import { type IncidentJson, incidentView } from "./incident-view.ts";

type StatusOf = (events: readonly RecordedEvent[]) => number;

/** Runs a command that concerns one incident and gives that incident as the commit left it. */
export async function runOnIncident(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Report | IncidentCommand,
  statusOf?: StatusOf,
): Promise<IncidentJson> {
  const done = await run(services, request, reply, command, statusOf);
  const incident = incidentOf(done);
  reply.header("etag", entityTag(incident.version));
  return viewOf(services, done);
}

/** The incident that a command left, in full. */
export async function viewOf(services: Services, done: Done): Promise<IncidentJson> {
  return incidentView(incidentOf(done), await textsAfter(services, done), done.queue_position);
}

/** The texts of the incident that a command concerned, as the command left them. */
export async function textsAfter(services: Services, done: Done): Promise<IncidentTexts> {
  const incident = incidentOf(done);
  return openingTexts(done, incident) ?? (await textsOf(services, incident, done.position));
}

/** The incident that a command concerned. */
export function incidentOf({ incident }: Done): Incident {
  if (incident === null) throw new Error("a command on an incident gave none");
  return incident;
}

/** The texts of an incident that this very commit opened: they need no look into the ledger. */
function openingTexts(done: Done, incident: Incident): IncidentTexts | null {
  if (done.kind === "unchanged") return null;
  const [first] = done.events;
  if (first?.type !== "incident.reported" || first.data.number !== incident.number) return null;
  return done.events.reduce(
    (texts, event) => (event.stream === first.stream ? foldIncidentTexts(texts, event) : texts),
    noTexts,
  );
}
