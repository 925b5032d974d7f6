import type { Board } from "../../../projections/board.ts";
import type { CommandContext, PassTime } from "../commands.ts";
import { ledgerFact } from "../new-event.ts";
import type { StepResult } from "./accepted.ts";

/** It is now so late. Recorded only where something is due; a time that has not come yet counts as now. */
export function passTime(board: Board, command: PassTime, context: CommandContext): StepResult {
  const at = command.at < context.at ? command.at : context.at;
  const due = board.nextDue();
  return due === undefined || due.at > at ? [] : [ledgerFact("time.passed", { at })];
}
