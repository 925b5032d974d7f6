import type { Board } from "../../../projections/board.ts";
import type { Incident } from "../../../projections/incident.ts";
import type { CommandContext, Word } from "../commands.ts";
import type { StepResult } from "./accepted.ts";

/** What every step of a command on one incident sees. */
export interface Situation {
  readonly board: Board;
  readonly context: CommandContext;
  /** Why, in the caller's words. */
  readonly reason: string | undefined;
  /** The word of a dialect's client. */
  readonly word: Word | undefined;
}

/**
 * One step of a command: the facts it adds for the incident as the facts before leave it, or why it is refused. It
 * changes nothing.
 */
export type Step = (situation: Situation, incident: Incident) => StepResult;
