import type { AgendaItem } from "../../../projections/agenda.ts";
import type { Board } from "../../../projections/board.ts";
import type { Incident } from "../../../projections/incident.ts";
import type { Decide } from "../new-event.ts";
import { becauseOf } from "./because.ts";

const longest_ms = 24 * 60 * 60 * 1000;

/**
 * Rule 13: nobody reacted in time. It goes to another handler with room who has not had it yet; where there is none,
 * the time-out alone is recorded, and the next one takes twice as long, up to a day.
 */
export function timeOut(board: Board, incident: Incident, item: AgendaItem, decide: Decide): void {
  const { number, team, assigned_to, had_by } = incident;
  const because = becauseOf(board, number, item.position);
  const other = board.workload.next(team, (handler) => handler === assigned_to || had_by.includes(handler));
  if (other !== undefined) {
    const data = { from: assigned_to, handler: other.handler_id };
    decide({ type: "incident.rerouted", number, data, because });
    return;
  }
  const plain_ms = (board.teams.get(team)?.rules.ack_timeout_seconds ?? longest_ms / 1000) * 1000;
  const last_ms = item.timeout_ms ?? plain_ms;
  const next_timeout_ms = Math.max(plain_ms, Math.min(2 * last_ms, longest_ms));
  decide({ type: "incident.ack-timed-out", number, data: { handler: assigned_to, next_timeout_ms }, because });
}
