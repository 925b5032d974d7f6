import type { Board } from "../../../projections/board.ts";
import type { Decide } from "../new-event.ts";
import { serveQueues } from "./assignment.ts";
import { doWhatIsDue } from "./due.ts";
import { recordQueued } from "./queued.ts";
import { raiseAndWake } from "./waking.ts";

/**
 * The only place where decisions are made. Its order belongs to the rules' number: raises and wakings asked for; what
 * is due; the queues of the teams concerned; who waits. Its cost depends on what the commit changed.
 */
export function settle(board: Board, decide: Decide): void {
  raiseAndWake(board, decide);
  doWhatIsDue(board, decide);
  serveQueues(board, decide);
  recordQueued(board, decide);
}
