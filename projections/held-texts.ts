import type { RecordedEvent } from "../events/recorded-event.ts";
import type { EventName } from "../events/registry.ts";

/** What is known of the text of one event: never the text itself. */
export interface HeldText {
  readonly type: EventName;
  /** `none`: it never had one. */
  readonly state: "none" | "held" | "erased";
  /** The names of the fields that the text holds. */
  readonly fields: readonly string[];
}

/** The texts of an incident, by the positions of its events, in their order. */
export type HeldTexts = Map<number, HeldText>;

/** Folds one event of the incident's own stream, in place. */
export function noteHeldText(texts: HeldTexts, event: RecordedEvent): void {
  const { position, type, text } = event;
  texts.set(position, { type, state: text === null ? "none" : "held", fields: Object.keys(text ?? {}) });
  if (event.type !== "text.erased") return;
  const erased = texts.get(event.data.erased);
  if (erased !== undefined) texts.set(event.data.erased, { ...erased, state: "erased", fields: [] });
}
