import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import { body, Capacity, Handle, PersonName, ShortText } from "./fields.ts";

/** A handler joined a team, available, with this capacity. */
export const handlerJoined = defineEvent({
  name: "handler.joined",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle, team: Handle, capacity: Capacity }),
  text: body({ name: Type.Optional(PersonName) }),
  example: { data: { handler: "Alice", team: "default", capacity: 1 }, text: { name: "Alice" } },
});

/** A handler left the team. What they had is handed back by the events that follow in the same commit. */
export const handlerLeft = defineEvent({
  name: "handler.left",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle, team: Handle }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { handler: "Alice", team: "default" } },
});

/** A handler takes this many incidents at once from here on. */
export const handlerCapacityChanged = defineEvent({
  name: "handler.capacity-changed",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle, capacity: Capacity }),
  text: null,
  example: { data: { handler: "Alice", capacity: 3 } },
});

/** A handler gets new incidents again. */
export const handlerMadeAvailable = defineEvent({
  name: "handler.made-available",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { handler: "Alice" } },
});

/** A handler gets nothing new from here on; what they have stays, unless it is handed back as well. */
export const handlerMadeUnavailable = defineEvent({
  name: "handler.made-unavailable",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { handler: "Alice" }, text: { reason: "lunch" } },
});

/** The name that is shown for a handler changed. */
export const handlerRenamed = defineEvent({
  name: "handler.renamed",
  version: 1,
  kind: "fact",
  data: body({ handler: Handle }),
  text: body({ name: PersonName }),
  example: { data: { handler: "Alice" }, text: { name: "Alice" } },
});
