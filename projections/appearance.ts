import type { RecordedEvent } from "../events/recorded-event.ts";
import { incidentOfStream } from "../events/stream.ts";

/** An incident came into a team: it was reported there, or moved there. */
export interface Appearance {
  readonly team: string;
  readonly number: number;
  readonly position: number;
  /** Whether it was reported there, so that it was never there before. */
  readonly is_first: boolean;
}

/**
 * What an event says of an incident's coming into a team, or null. The ordinal of an incident in a team counts first
 * appearances there, from 1, in the order of the ledger; a move away, a return or a deletion changes none of them.
 */
export function appearanceOf(event: RecordedEvent): Appearance | null {
  const { position } = event;
  if (event.type === "incident.reported") {
    return { team: event.data.team, number: event.data.number, position, is_first: true };
  }
  const number = event.type === "incident.moved" ? incidentOfStream(event.stream) : null;
  return event.type === "incident.moved" && number !== null
    ? { team: event.data.to, number, position, is_first: false }
    : null;
}
