import type { TObject } from "@sinclair/typebox";

/** A fact is what somebody or something outside told us; a decision is what the rules made of the facts. */
export type EventKind = "fact" | "decision";

/** An event's texts: what people wrote. The rules never see it, and it can be erased without breaking the chain. */
export type TextSchema = TObject | null;

/**
 * One kind of event, whole: its name, version, kind, the schemas of its two bodies and one example.
 * A shipped definition never changes: a new version is a new object, reached from the old one by an upcaster.
 */
export interface EventDefinition<
  Name extends string = string,
  Kind extends EventKind = EventKind,
  Data extends TObject = TObject,
  Text extends TextSchema = TextSchema,
> {
  readonly name: Name;
  readonly version: number;
  readonly kind: Kind;
  /** What rules and folds may read. Hashed for ever, so it must hold no personal data. */
  readonly data: Data;
  /** What people wrote, or null where this event carries no text. */
  readonly text: Text;
  readonly example: { readonly data: Data["static"]; readonly text?: TextValue<Text> };
}

/** The value that a text schema describes. */
export type TextValue<Text extends TextSchema> = Text extends TObject ? Text["static"] : never;

/** Declares an event. It only gives the object its exact type; nothing is registered behind the scenes. */
export function defineEvent<
  const Name extends string,
  const Kind extends EventKind,
  Data extends TObject,
  Text extends TextSchema,
>(definition: EventDefinition<Name, Kind, Data, Text>): EventDefinition<Name, Kind, Data, Text> {
  return definition;
}
