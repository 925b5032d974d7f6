import type { Board } from "../../../projections/board.ts";
import type { Incident } from "../../../projections/incident.ts";
import { isOpen } from "../../../projections/incident.ts";
import type { Decide } from "../new-event.ts";
import { becauseOf } from "./because.ts";

/** Rules 9 and 11: a more severe repeat raises its incident and wakes a sleeper; so does whoever asks to wake it. */
export function raiseAndWake(board: Board, decide: Decide): void {
  const { to_raise, to_wake } = board.scratch;
  if (to_raise.size === 0 && to_wake.size === 0) return;
  const concerned = [...new Set([...to_raise.keys(), ...to_wake])].sort((a, b) => a - b);
  for (const number of concerned) {
    const incident = board.incidents.get(number);
    if (incident === undefined || !isOpen(incident.status)) continue;
    const to = to_raise.get(number);
    if (to !== undefined && to < incident.severity) {
      const data = { from: incident.severity, to };
      decide({ type: "incident.severity-raised", number, data, because: becauseOf(board, number) });
    }
    const asleep = board.incidents.get(number);
    if (asleep?.status === "snoozed") wake(board, asleep, decide);
  }
}

/** Rule 9: back to the handler it was taken from, if they have room; else into the queue. */
export function wake(board: Board, incident: Incident, decide: Decide, due_position?: number): void {
  const { number, team, snoozed_from } = incident;
  const handler = snoozed_from !== null && board.workload.hasRoom(snoozed_from, team) ? snoozed_from : null;
  decide({ type: "incident.woken", number, data: { handler }, because: becauseOf(board, number, due_position) });
}
