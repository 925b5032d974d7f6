/**
 * What only the settling of the commit at hand needs. The first event of another commit empties it; it is in no
 * snapshot and no state hash.
 */
export interface CommitScratch {
  /** Teams whose queue or handlers this commit touched. */
  readonly teams: Set<string>;
  /** Incidents that became pending. */
  readonly newly_pending: Set<number>;
  /** Incidents that somebody asked to wake. */
  readonly to_wake: Set<number>;
  /** Severities to which repeats would raise their incident. */
  readonly to_raise: Map<number, number>;
  /** Incidents handed back, and the handler whom each passes over in this commit. */
  readonly passed_over: Map<number, string>;
  /** What is due at or before this happens; null: time is no matter of this commit. */
  due_until: string | null;
  /** Offset of the last event of each incident's own stream. */
  readonly last_offset: Map<number, number>;
  /** Offset of the last event that gave each handler room. */
  readonly room_offset: Map<string, number>;
}

/** The scratch at the beginning of a commit. */
export function emptyScratch(): CommitScratch {
  return {
    teams: new Set(),
    newly_pending: new Set(),
    to_wake: new Set(),
    to_raise: new Map(),
    passed_over: new Map(),
    due_until: null,
    last_offset: new Map(),
    room_offset: new Map(),
  };
}
