import type { RecordedEvent } from "../../../events/recorded-event.ts";
import type { EventName } from "../../../events/registry.ts";
import { incidentOfStream, incidentStream, teamStream } from "../../../events/stream.ts";

/** Which events of the ledger somebody wants. All conditions hold together. */
export interface EventFilter {
  /** Null: of every type. */
  readonly types: readonly EventName[] | null;
  /** Null: every incident's, and what is no incident's. */
  readonly incident: number | null;
  /** Null: every team's, and what is no team's. */
  readonly team: string | null;
}

/** Whether anything is left out. */
export function isSelective({ types, incident, team }: EventFilter): boolean {
  return types !== null || incident !== null || team !== null;
}

/** The same for filters that want the same events. */
export function filterKey({ types, incident, team }: EventFilter): string {
  return JSON.stringify([types === null ? null : [...types].sort(), incident, team]);
}

/** The stream of a filter's incident, if it names one. */
export function filterStream({ incident }: EventFilter): string | null {
  return incident === null ? null : incidentStream(incident);
}

/**
 * Whether a filter wants an event. `teams` are those that the event belongs to; they are looked at only where the filter
 * names a team.
 */
export function wants(filter: EventFilter, { type, stream }: RecordedEvent, teams: readonly string[]): boolean {
  if (filter.types !== null && !filter.types.includes(type)) return false;
  if (filter.incident !== null && incidentOfStream(stream) !== filter.incident) return false;
  return filter.team === null || stream === teamStream(filter.team) || teams.includes(filter.team);
}
