import type { Board } from "../../../projections/board.ts";
import { compareText } from "../../../projections/compare.ts";
import type { Incident } from "../../../projections/incident.ts";
import { compareInQueue } from "../../../projections/queue.ts";
import type { Decide } from "../new-event.ts";
import { becauseOf } from "./because.ts";

/** Records, once each, which incidents became pending in this commit and still are. */
export function recordQueued(board: Board, decide: Decide): void {
  const waiting: Incident[] = [];
  for (const number of board.scratch.newly_pending) {
    const incident = board.incidents.get(number);
    if (incident?.status === "pending") waiting.push(incident);
  }
  waiting.sort((a, b) => compareText(a.team, b.team) || compareInQueue(a, b));
  for (const { number } of waiting) {
    decide({ type: "incident.queued", number, data: {}, because: becauseOf(board, number) });
  }
}
