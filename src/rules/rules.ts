import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Board } from "../../projections/board.ts";
import { evolve } from "../../projections/evolve.ts";
import { accept } from "./accept/accept.ts";
import type { Accepted } from "./accept/accepted.ts";
import type { Command, CommandContext } from "./commands.ts";
import type { Decide } from "./new-event.ts";
import { settle } from "./settle/settle.ts";

/** One set of rules, whole: a change that alters any decision gets a new number and leaves the old set in place. */
export interface Rules {
  readonly number: number;
  /** Checks a command against the board: its facts, or why not. Changes nothing. */
  readonly accept: (board: Board, command: Command, context: CommandContext) => Accepted;
  /** Makes the decisions that now follow, each recorded and folded by `decide`, until nothing more follows. */
  readonly settle: (board: Board, decide: Decide) => void;
  /** Folds one event into the board, in place. */
  readonly evolve: (board: Board, event: RecordedEvent) => void;
}

const known: readonly Rules[] = [{ number: 1, accept, settle, evolve }];

/** The number of the newest rules that this build knows. */
export const latestRules = known.length;

/** The rules of this number, if this build knows them. */
export function rulesOf(number: number): Rules | undefined {
  return known[number - 1];
}

/** Folds one recorded event into the board under the rules that decided it; unknown ones fold as the newest. */
export function foldEvent(board: Board, event: RecordedEvent): void {
  const rules = rulesOf(event.meta.rules) ?? rulesOf(latestRules);
  rules?.evolve(board, event);
}
