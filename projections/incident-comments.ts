import type { RecordedEvent } from "../events/recorded-event.ts";

/** A comment on an incident. */
export interface Comment {
  /** The position of its event, which names it for ever. */
  readonly position: number;
  readonly text: string;
}

/** The comment that an event of an incident's stream makes; null: it makes none, or its text was erased. */
export function commentOf(event: RecordedEvent): Comment | null {
  if (event.type !== "incident.commented" || event.text === null) return null;
  return { position: event.position, text: event.text.text };
}
