import type { RecordedEvent } from "../events/recorded-event.ts";
import { isDecision } from "../events/registry.ts";
import type { Board } from "./board.ts";
import { type Incident, isOpen } from "./incident.ts";
import { after } from "./instant.ts";

const kind = "ack-timeout";

/**
 * Rule 13: winds, leaves or stops the clock of an incident after an event of its own. Assignments, waking returns,
 * acknowledgements and reroutes start it; on an acknowledged one every fact but a repeat starts it anew.
 */
export function windAckClock(board: Board, incident: Incident, event: RecordedEvent): void {
  const { number } = incident;
  if (incident.status !== "assigned" && incident.status !== "acknowledged") {
    board.agenda.delete(kind, number);
    return;
  }
  switch (event.type) {
    case "incident.assigned":
    case "incident.handed-over":
    case "incident.rerouted":
    case "incident.woken":
    case "incident.acknowledged": {
      const seconds = board.teams.get(incident.team)?.rules.ack_timeout_seconds ?? null;
      if (seconds === null) board.agenda.delete(kind, number);
      else wind(board, number, event, seconds * 1000);
      return;
    }
    case "incident.ack-timed-out":
      wind(board, number, event, event.data.next_timeout_ms);
      return;
    case "incident.repeated":
    case "text.erased":
      return;
    default: {
      if (incident.status !== "acknowledged" || isDecision(event.type)) return;
      const seconds = board.teams.get(incident.team)?.rules.ack_timeout_seconds ?? null;
      if (seconds !== null && board.agenda.item(kind, number) !== undefined) {
        wind(board, number, event, seconds * 1000);
      }
    }
  }
}

/** A changed timeout restarts the team's running clocks from its own time; off ends them. */
export function restartAckClocks(board: Board, team: string, event: RecordedEvent<"team.rules-changed">): void {
  const seconds = event.data.rules.ack_timeout_seconds;
  for (const incident of board.incidents.values()) {
    if (incident.team !== team || !isOpen(incident.status)) continue;
    if (board.agenda.item(kind, incident.number) === undefined) continue;
    if (seconds === null) board.agenda.delete(kind, incident.number);
    else wind(board, incident.number, event, seconds * 1000);
  }
}

function wind(board: Board, number: number, event: RecordedEvent, timeout_ms: number): void {
  const due = after(event.recorded_at, timeout_ms);
  board.agenda.set({ due, number, kind, position: event.position, timeout_ms });
}
