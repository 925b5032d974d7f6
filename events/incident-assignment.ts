import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import { Actor, body, Handle, Instant, ShortText, Word } from "./fields.ts";

const HandlerOrNobody = Type.Union([Handle, Type.Null()]);

/** The rules gave a pending incident to a handler. */
export const incidentAssigned = defineEvent({
  name: "incident.assigned",
  version: 1,
  kind: "decision",
  data: body({ handler: Handle }),
  text: null,
  example: { data: { handler: "Alice" } },
});

/** The incident became pending in this commit, and nobody had room: it waits. Recorded once each time. */
export const incidentQueued = defineEvent({
  name: "incident.queued",
  version: 1,
  kind: "decision",
  data: body({}),
  text: null,
  example: { data: {} },
});

/** Somebody gave it to a handler by hand, busy or not. */
export const incidentHandedOver = defineEvent({
  name: "incident.handed-over",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle, from: HandlerOrNobody, word: Type.Optional(Word) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { handler: "Bob", from: "Alice" } },
});

/** Its handler (null: nobody had it) no longer has it; it is pending again. */
export const incidentHandedBack = defineEvent({
  name: "incident.handed-back",
  version: 1,
  kind: "fact",
  data: body({ handler: HandlerOrNobody, word: Type.Optional(Word) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { handler: "Alice" }, text: { reason: "not my field" } },
});

/** A snoozed incident will not return to the handler it was taken from. */
export const incidentReturnForgotten = defineEvent({
  name: "incident.return-forgotten",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { handler: "Alice" } },
});

/** Somebody said that it is seen to. `handler`: who that is, where it is a handler of the team; takes what nobody has. */
export const incidentAcknowledged = defineEvent({
  name: "incident.acknowledged",
  version: 1,
  kind: "fact",
  data: body({ by: Actor, handler: HandlerOrNobody, word: Type.Optional(Word) }),
  text: null,
  example: { data: { by: "admin", handler: "Alice" } },
});

/** It sleeps until then. `from`: the handler who had it, or for whom it slept already. */
export const incidentSnoozed = defineEvent({
  name: "incident.snoozed",
  version: 1,
  kind: "fact",
  data: body({ until: Instant, from: HandlerOrNobody, word: Type.Optional(Word) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { until: "2026-02-01T09:15:00.000Z", from: "Alice" } },
});

/** Somebody wants it awake before its time. */
export const incidentWakeAsked = defineEvent({
  name: "incident.wake-asked",
  version: 1,
  kind: "fact",
  data: body({ word: Type.Optional(Word) }),
  text: null,
  example: { data: {} },
});

/** It woke, and returned to this handler; null: into the queue. */
export const incidentWoken = defineEvent({
  name: "incident.woken",
  version: 1,
  kind: "decision",
  data: body({ handler: HandlerOrNobody }),
  text: null,
  example: { data: { handler: "Alice" } },
});

/** Its handler did not react in time and nobody else could take it; the next time-out comes after this long. */
export const incidentAckTimedOut = defineEvent({
  name: "incident.ack-timed-out",
  version: 1,
  kind: "decision",
  data: body({ handler: HandlerOrNobody, next_timeout_ms: Type.Integer({ minimum: 1 }) }),
  text: null,
  example: { data: { handler: "Alice", next_timeout_ms: 1_800_000 } },
});

/** Its handler did not react in time; it went to another. */
export const incidentRerouted = defineEvent({
  name: "incident.rerouted",
  version: 1,
  kind: "decision",
  data: body({ from: HandlerOrNobody, handler: Handle }),
  text: null,
  example: { data: { from: "Alice", handler: "Bob" } },
});

/** It went to another team, where it is pending; a sleeping one sleeps on. */
export const incidentMoved = defineEvent({
  name: "incident.moved",
  version: 1,
  kind: "fact",
  data: body({ from: Handle, to: Handle }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { from: "default", to: "network" } },
});
