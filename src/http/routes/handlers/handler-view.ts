import { Type } from "@sinclair/typebox";
import type { HandlerAtWork } from "../../../../projections/handler-at-work.ts";
import type { HandlerTexts } from "../../../../projections/handler-texts.ts";
import { Instant, nullable, Text, WholeNumber } from "../../fields.ts";

/** An example of a handler, for the documentation. */
export const handlerExample = {
  handler_id: "Alice",
  name: "Alice",
  team: "default",
  capacity: 2,
  active: 1,
  free: 1,
  available: true,
  unavailable_reason: null,
  turns: 7,
  assignments: 9,
  last_assigned_at: "2023-12-17T10:00:01.000Z",
  incidents: ["0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11"],
  version: 4,
};

/** A handler and their work, as every answer shows them. */
export const HandlerView = Type.Object(
  {
    handler_id: Text,
    name: Type.String({ description: "the handler_id where there is no name" }),
    team: nullable(Type.String({ description: "null: has left" })),
    capacity: WholeNumber,
    active: Type.Integer({ description: "how many incidents they have" }),
    free: Type.Integer({ description: "how many more the rules may give them" }),
    available: Type.Boolean(),
    unavailable_reason: nullable(Text),
    turns: Type.Integer({ description: "what the order of assignment counts" }),
    assignments: Type.Integer({ description: "how many incidents ever became theirs" }),
    last_assigned_at: nullable(Instant),
    incidents: Type.Array(Text, { description: "the incident_ids of what they have" }),
    version: WholeNumber,
  },
  { $id: "Handler", additionalProperties: false, examples: [handlerExample] },
);

/** A handler as JSON. */
export type HandlerJson = (typeof HandlerView)["static"];

/** The handler by reference to the shared schema. */
export const HandlerAnswer = Type.Unsafe<HandlerJson>({ $ref: "Handler#" });

/** What a handler looks like from outside. */
export function handlerView({ handler, incidents }: HandlerAtWork, texts: HandlerTexts): HandlerJson {
  const { handler_id, team, capacity, available, turns, assignments, last_assigned_at, version } = handler;
  const active = incidents.length;
  return {
    handler_id,
    name: texts.name ?? handler_id,
    team,
    capacity,
    active,
    free: team === null ? 0 : Math.max(0, capacity - active),
    available: team !== null && available,
    unavailable_reason: available ? null : texts.unavailable_reason,
    turns,
    assignments,
    last_assigned_at,
    incidents: [...incidents],
    version,
  };
}
