import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import {
  body,
  DedupKey,
  Handle,
  IncidentNumber,
  IncidentType,
  Instant,
  Labels,
  Severity,
  ShortText,
  Source,
  Uuid,
  Word,
} from "./fields.ts";

/** The work is done. */
export const incidentResolved = defineEvent({
  name: "incident.resolved",
  version: 1,
  kind: "fact",
  data: body({ word: Type.Optional(Word) }),
  text: body({ resolution: Type.Optional(ShortText), reason: Type.Optional(ShortText) }),
  example: { data: {}, text: { resolution: "Restarted the balancer." } },
});

/** Finished for the books. */
export const incidentClosed = defineEvent({
  name: "incident.closed",
  version: 1,
  kind: "fact",
  data: body({ word: Type.Optional(Word) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: {} },
});

/** The rules closed a resolved incident after the team's number of days. */
export const incidentAutoClosed = defineEvent({
  name: "incident.auto-closed",
  version: 1,
  kind: "decision",
  data: body({}),
  text: null,
  example: { data: {} },
});

/** A false alarm. */
export const incidentDismissed = defineEvent({
  name: "incident.dismissed",
  version: 1,
  kind: "fact",
  data: body({ word: Type.Optional(Word) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: {}, text: { reason: "a test of the monitor" } },
});

/** To be worked on again: pending. It carries the whole incident, so that the board needs no other event of it. */
export const incidentReopened = defineEvent({
  name: "incident.reopened",
  version: 1,
  kind: "fact",
  data: body({
    incident_id: Uuid,
    number: IncidentNumber,
    team: Handle,
    type: Type.Optional(IncidentType),
    severity: Severity,
    timestamp: Instant,
    claimed_at: Type.Optional(Instant),
    reported_at: Instant,
    source: Type.Optional(Source),
    dedup_key: Type.Optional(DedupKey),
    /** Every key whose repeats lead here: its own and those of what was merged into it. */
    dedup_keys: Type.Array(DedupKey),
    labels: Labels,
    repeats: Type.Integer({ minimum: 0 }),
    last_repeated_at: Type.Optional(Instant),
    responders: Type.Array(Handle),
    word: Type.Optional(Word),
  }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: {
    data: {
      incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
      number: 1,
      team: "default",
      severity: 1,
      timestamp: "2023-12-17T10:00:00.000Z",
      reported_at: "2023-12-17T10:00:01.000Z",
      dedup_keys: [],
      labels: {},
      repeats: 0,
      responders: [],
    },
    text: { reason: "it is back" },
  },
});

/** It is a duplicate of another open incident of the team. Final. */
export const incidentMerged = defineEvent({
  name: "incident.merged",
  version: 1,
  kind: "fact",
  data: body({ into: IncidentNumber }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { into: 4 } },
});

/** Another incident was merged into this one: all keys that led there lead here from now on. */
export const incidentAbsorbed = defineEvent({
  name: "incident.absorbed",
  version: 1,
  kind: "fact",
  data: body({ number: IncidentNumber, keys: Type.Array(DedupKey) }),
  text: null,
  example: { data: { number: 7, keys: ["checkout/5xx"] } },
});

/** Gone from everything but the audit; its number is never used again. */
export const incidentDeleted = defineEvent({
  name: "incident.deleted",
  version: 1,
  kind: "fact",
  data: body({}),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: {} },
});
