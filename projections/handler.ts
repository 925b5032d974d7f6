/** Somebody who takes incidents. */
export interface Handler {
  readonly handler_id: string;
  /** Null: has left; stays on record. */
  readonly team: string | null;
  readonly last_team: string;
  readonly capacity: number;
  readonly available: boolean;
  /** How many incidents became theirs, lifted on joining so that nobody is flooded (rule 3). */
  readonly turns: number;
  /** How many incidents ever became theirs. */
  readonly assignments: number;
  /** Position of the last event that made an incident theirs; 0: never. */
  readonly last_assigned_position: number;
  readonly last_assigned_at: string | null;
  readonly joined_position: number;
  readonly version: number;
}
