import { Type } from "@sinclair/typebox";
import { Capacity, Handle, PersonName, ShortText, strict } from "../../fields.ts";

/** Somebody joins a team. */
export const AddHandlerBody = strict(
  {
    handler_id: Handle,
    name: Type.Optional(PersonName),
    team: Type.Optional(Handle),
    capacity: Type.Optional(Capacity),
  },
  { examples: [{ handler_id: "Dora", name: "Dora", capacity: 2 }] },
);

/** What of a handler is to change; what is not named stays. */
export const ChangeHandlerBody = strict(
  {
    capacity: Type.Optional(Capacity),
    name: Type.Optional(PersonName),
    available: Type.Optional(Type.Boolean()),
    reason: Type.Optional(ShortText),
    release: Type.Optional(Type.Boolean({ description: "with available: false, hand back what they have" })),
  },
  { examples: [{ available: false, reason: "lunch", release: true }] },
);

/** Why somebody leaves, in their words. */
export const RemoveHandlerBody = strict({ reason: Type.Optional(ShortText) }, { examples: [{}] });

/** The handler in a path. */
export const HandlerPath = Type.Object({
  id: Type.String({ description: "the handler_id, whatever its case", examples: ["Alice"] }),
});
