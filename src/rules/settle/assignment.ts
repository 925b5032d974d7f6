import type { Board } from "../../../projections/board.ts";
import { compareText } from "../../../projections/compare.ts";
import type { Incident } from "../../../projections/incident.ts";
import type { Decide } from "../new-event.ts";
import { becauseOf } from "./because.ts";

/** Rules 2 to 5: serves the queues of the teams that this commit concerned, by name. */
export function serveQueues(board: Board, decide: Decide): void {
  for (const team of [...board.scratch.teams].sort(compareText)) serveQueue(board, team, decide);
}

/**
 * While somebody has room, the next pending incident goes to whom rule 3 chooses. One that was handed back in this
 * commit passes over the handler it was taken from, as long as anything else is pending (rule 8).
 */
function serveQueue(board: Board, team: string, decide: Decide): void {
  const { passed_over } = board.scratch;
  const skipped: Incident[] = [];
  for (;;) {
    const incident = firstExcept(board, team, skipped);
    if (incident === undefined) break;
    const passed = passed_over.get(incident.number);
    const handler = board.workload.next(team, passed === undefined ? undefined : (other) => other === passed);
    if (handler !== undefined) assign(board, incident.number, handler.handler_id, decide);
    else if (passed !== undefined && board.workload.hasRoom(passed, team)) skipped.push(incident);
    else break;
  }
  for (const { number } of skipped) {
    const passed = passed_over.get(number);
    if (passed !== undefined && board.workload.hasRoom(passed, team)) assign(board, number, passed, decide);
  }
}

function firstExcept(board: Board, team: string, skipped: readonly Incident[]): Incident | undefined {
  const queue = board.queueOf(team);
  if (skipped.length === 0) return queue.head();
  for (const incident of queue.inOrder()) {
    if (!skipped.some((one) => one.number === incident.number)) return incident;
  }
  return undefined;
}

function assign(board: Board, number: number, handler: string, decide: Decide): void {
  const because = becauseOf(board, number, undefined, handler);
  decide({ type: "incident.assigned", number, data: { handler }, because });
}
