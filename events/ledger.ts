import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import { body, IncidentNumber, Position, ShortText, Uuid } from "./fields.ts";

const RulesNumber = Type.Integer({ minimum: 1 });

/** The first event of every ledger. The chain starts from its id. */
export const ledgerOpened = defineEvent({
  name: "ledger.opened",
  version: 1,
  kind: "fact",
  data: body({ ledger_id: Uuid, rules: RulesNumber }),
  text: null,
  example: { data: { ledger_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11", rules: 1 } },
});

/** From this event's own commit on, decisions are made by the rules of this number. */
export const rulesAdopted = defineEvent({
  name: "rules.adopted",
  version: 1,
  kind: "fact",
  data: body({ number: RulesNumber }),
  text: null,
  example: { data: { number: 2 } },
});

/**
 * The text of one earlier event was erased. It stands in the stream of the event whose text it was, so that
 * whoever folds that stream learns of it.
 */
export const textErased = defineEvent({
  name: "text.erased",
  version: 1,
  kind: "fact",
  data: body({ erased: Position, incident: Type.Optional(IncidentNumber) }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { erased: 17, incident: 4 }, text: { reason: "a customer's address stood in it" } },
});
