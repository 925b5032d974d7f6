import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import {
  body,
  DedupKey,
  Description,
  Handle,
  IncidentNumber,
  IncidentType,
  Instant,
  Labels,
  Links,
  PersonName,
  Severity,
  ShortText,
  Source,
  Title,
  Uuid,
  Word,
} from "./fields.ts";

const reportText = body({
  title: Type.Optional(Title),
  description: Type.Optional(Description),
  reported_by: Type.Optional(PersonName),
  links: Type.Optional(Links),
});

/** Somebody or something reported an incident. */
export const incidentReported = defineEvent({
  name: "incident.reported",
  version: 1,
  kind: "fact",
  data: body({
    incident_id: Uuid,
    number: IncidentNumber,
    team: Handle,
    type: Type.Optional(IncidentType),
    severity: Severity,
    /** When it happened. */
    timestamp: Instant,
    /** When the sender says it happened, where that could not be believed. */
    claimed_at: Type.Optional(Instant),
    source: Type.Optional(Source),
    dedup_key: Type.Optional(DedupKey),
    labels: Type.Optional(Labels),
    word: Type.Optional(Word),
  }),
  text: reportText,
  example: {
    data: {
      incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
      number: 1,
      team: "default",
      type: "System Outage",
      severity: 1,
      timestamp: "2023-12-17T10:00:00.000Z",
      source: "operator",
      labels: { service: "checkout" },
    },
    text: { title: "Complete system failure", reported_by: "ops@example.com" },
  },
});

/** The same was reported again while the incident was open. The rules may raise its severity for it. */
export const incidentRepeated = defineEvent({
  name: "incident.repeated",
  version: 1,
  kind: "fact",
  data: body({
    severity: Type.Optional(Severity),
    timestamp: Instant,
    claimed_at: Type.Optional(Instant),
    source: Type.Optional(Source),
    word: Type.Optional(Word),
  }),
  text: reportText,
  example: { data: { severity: 2, timestamp: "2023-12-17T10:05:00.000Z" }, text: { title: "Still failing" } },
});

/** What describes the incident changed: its texts, its type, its labels. Fields that are not named stay. */
export const incidentEdited = defineEvent({
  name: "incident.edited",
  version: 1,
  kind: "fact",
  data: body({ type: Type.Optional(Type.Union([IncidentType, Type.Null()])), labels: Type.Optional(Labels) }),
  text: body({
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    links: Type.Optional(Links),
    resolution: Type.Optional(ShortText),
    reason: Type.Optional(ShortText),
  }),
  example: { data: { labels: { service: "checkout" } }, text: { title: "Checkout is down" } },
});

/** Somebody commented. */
export const incidentCommented = defineEvent({
  name: "incident.commented",
  version: 1,
  kind: "fact",
  data: body({}),
  text: body({ text: ShortText }),
  example: { data: {}, text: { text: "The provider confirms." } },
});

/** Somebody is to help with it, without having it. */
export const incidentResponderAdded = defineEvent({
  name: "incident.responder-added",
  version: 1,
  kind: "fact",
  data: body({ responder: Handle, role: Type.String({ minLength: 1, maxLength: 64 }) }),
  text: null,
  example: { data: { responder: "Bob", role: "responder" } },
});

/** Somebody changed its severity. */
export const incidentSeverityChanged = defineEvent({
  name: "incident.severity-changed",
  version: 1,
  kind: "fact",
  data: body({ from: Severity, to: Severity, word: Type.Optional(Word) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { from: 4, to: 1 }, text: { reason: "customers are affected" } },
});

/** The rules raised its severity, for a repeat or a policy. */
export const incidentSeverityRaised = defineEvent({
  name: "incident.severity-raised",
  version: 1,
  kind: "decision",
  data: body({ from: Severity, to: Severity }),
  text: null,
  example: { data: { from: 3, to: 1 } },
});
