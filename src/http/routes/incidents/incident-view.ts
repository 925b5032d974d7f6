import { Type } from "@sinclair/typebox";
import type { Incident } from "../../../../projections/incident.ts";
import type { IncidentTexts } from "../../../../projections/incident-texts.ts";
import { Instant, nullable, strict, Text, WholeNumber } from "../../fields.ts";

const TextOrNull = nullable(Text);
const InstantOrNull = nullable(Instant);
const NumberOrNull = nullable(WholeNumber);

const example = {
  incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
  number: 42,
  version: 3,
  team: "default",
  type: "System Outage",
  title: "Complete system failure",
  description: "Nothing answers since ten o'clock.",
  severity: 1,
  status: "assigned",
  assigned_to: "Alice",
  queue_position: null,
  source: "operator",
  reported_by: "ops@example.com",
  dedup_key: null,
  repeats: 0,
  last_repeated_at: null,
  labels: { service: "checkout" },
  links: [{ href: "https://wiki.example.com/checkout", text: "runbook" }],
  timestamp: "2023-12-17T10:00:00.000Z",
  claimed_at: null,
  reported_at: "2023-12-17T10:00:01.000Z",
  assigned_at: "2023-12-17T10:00:01.000Z",
  acknowledged_at: null,
  acknowledged_by: null,
  snoozed_until: null,
  snoozed_from: null,
  resolved_at: null,
  resolution: null,
  closed_at: null,
  merged_into: null,
  responders: [],
  updated_at: "2023-12-17T10:05:00.000Z",
} as const;

/** An example of an incident, for the documentation. */
export const incidentExample = example;

/** An incident, as every answer shows it. */
export const IncidentView = Type.Object(
  {
    incident_id: Type.String({ format: "uuid" }),
    number: WholeNumber,
    version: Type.Integer({ description: "how many events it has; the ETag" }),
    team: Text,
    type: TextOrNull,
    title: TextOrNull,
    description: TextOrNull,
    severity: Type.Integer({ description: "1 (critical) to 5 (info)" }),
    status: Type.String({
      description: "pending, assigned, acknowledged, snoozed, resolved, closed, dismissed, merged or deleted",
    }),
    assigned_to: nullable(Type.String({ description: "a handler_id" })),
    queue_position: nullable(Type.Integer({ description: "1 is the head of the team's queue; null unless pending" })),
    source: TextOrNull,
    reported_by: TextOrNull,
    dedup_key: TextOrNull,
    repeats: Type.Integer({ description: "how often it was reported again" }),
    last_repeated_at: InstantOrNull,
    labels: Type.Record(Text, Text),
    links: Type.Array(strict({ href: Text, text: Type.Optional(Text) })),
    timestamp: Type.String({ format: "date-time", description: "when it happened" }),
    claimed_at: InstantOrNull,
    reported_at: Instant,
    assigned_at: InstantOrNull,
    acknowledged_at: InstantOrNull,
    acknowledged_by: TextOrNull,
    snoozed_until: InstantOrNull,
    snoozed_from: nullable(Type.String({ description: "the handler to whom it returns" })),
    resolved_at: InstantOrNull,
    resolution: TextOrNull,
    closed_at: InstantOrNull,
    merged_into: NumberOrNull,
    responders: Type.Array(Text),
    updated_at: Instant,
  },
  { $id: "Incident", additionalProperties: false, examples: [example] },
);

/** The incident by reference to the shared schema. */
export const IncidentAnswer = Type.Unsafe<IncidentJson>({ $ref: "Incident#" });

/** An incident as JSON. */
export type IncidentJson = (typeof IncidentView)["static"];

/** What an incident looks like from outside. */
export function incidentView(incident: Incident, texts: IncidentTexts, queue_position: number | null): IncidentJson {
  return {
    incident_id: incident.incident_id,
    number: incident.number,
    version: incident.version,
    team: incident.team,
    type: incident.type,
    title: texts.title,
    description: texts.description,
    severity: incident.severity,
    status: incident.status,
    assigned_to: incident.assigned_to,
    queue_position,
    source: incident.source,
    reported_by: texts.reported_by,
    dedup_key: incident.dedup_key,
    repeats: incident.repeats,
    last_repeated_at: incident.last_repeated_at,
    labels: incident.labels,
    links: [...texts.links],
    timestamp: incident.timestamp,
    claimed_at: incident.claimed_at,
    reported_at: incident.reported_at,
    assigned_at: incident.assigned_at,
    acknowledged_at: incident.acknowledged_at,
    acknowledged_by: incident.acknowledged_by,
    snoozed_until: incident.snoozed_until,
    snoozed_from: incident.snoozed_from,
    resolved_at: incident.resolved_at,
    resolution: texts.resolution,
    closed_at: incident.closed_at,
    merged_into: incident.merged_into,
    responders: [...incident.responders],
    updated_at: incident.updated_at,
  };
}
