import { Type } from "@sinclair/typebox";
import { definitionOf } from "../../../../events/registry.ts";
import { becauseOf } from "../../../../projections/timeline.ts";
import type { HashedEvent } from "../../../ledger/ledger.ts";
import { Instant, nullable, Text, WholeNumber } from "../../fields.ts";

const Anything = Type.Unsafe<object>({ type: "object", additionalProperties: true });

/** What the ledger and a timeline show of every event. */
export const eventFields = {
  position: WholeNumber,
  type: Text,
  kind: Type.String({ description: "fact or decision" }),
  version: Type.Integer({ description: "its place in its stream" }),
  recorded_at: Instant,
  actor: Text,
  command_id: Text,
  data: Anything,
  text: Type.Unsafe<object | null>({ type: ["object", "null"], additionalProperties: true }),
  erased_by: nullable(
    Type.Integer({ description: "the position of the event that erased the text; null where none did" }),
  ),
  because: nullable(Type.Integer({ description: "the position that a decision follows from; null for facts" })),
};

/** The shared part of an event's view. */
export function eventView(event: HashedEvent) {
  const { position, type, version, recorded_at, actor, command_id, data, text, erased_by = null } = event;
  const { kind } = definitionOf(type);
  return {
    position,
    type,
    kind,
    version,
    recorded_at,
    actor,
    command_id,
    data,
    text,
    erased_by,
    because: becauseOf(event),
  };
}

/** An example of the shared part, for the documentation. */
export const eventExample = {
  position: 18,
  type: "incident.assigned",
  kind: "decision",
  version: 2,
  recorded_at: "2023-12-17T10:00:01.000Z",
  actor: "admin",
  command_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a12",
  data: { handler: "Alice" },
  text: null,
  erased_by: null,
  because: 17,
};

/** An event of the ledger. */
export const LedgerEvent = Type.Object({ ...eventFields, stream: Text, hash: Text }, { $id: "Event" });

/** The event by reference to the shared schema. */
export const LedgerEventAnswer = Type.Unsafe<(typeof LedgerEvent)["static"]>({ $ref: "Event#" });

/** An example of an event of the ledger, for the documentation. */
export const ledgerEventExample = {
  ...eventExample,
  stream: "incident/42",
  hash: "5f2b51ca2fdc5baa31ec02e002f69aec09e5a2a0e0f1a8e51d92ff6d9b2a7d43",
};

/** What an event of the ledger looks like from outside. */
export function ledgerEventView(event: HashedEvent): (typeof LedgerEvent)["static"] {
  return { ...eventView(event), stream: event.stream, hash: event.hash };
}
