import type { RecordedEvent } from "../events/recorded-event.ts";
import { restartAckClocks } from "./ack-clock.ts";
import type { Board } from "./board.ts";

/** Folds an event of a team's stream. */
export function evolveTeam(board: Board, event: RecordedEvent): void {
  switch (event.type) {
    case "team.created":
      board.teams.set(event.data.team, {
        team: event.data.team,
        version: event.version,
        rules: event.data.rules,
        created_at: event.recorded_at,
      });
      return;
    case "team.rules-changed": {
      const before = board.teams.get(event.data.team);
      if (before === undefined) return;
      board.teams.set(before.team, { ...before, version: event.version, rules: event.data.rules });
      if (before.rules.ack_timeout_seconds !== event.data.rules.ack_timeout_seconds) {
        restartAckClocks(board, before.team, event);
      }
      return;
    }
    default: {
      const name = event.stream.slice("team/".length);
      const team = board.teams.get(name);
      if (team !== undefined) board.teams.set(name, { ...team, version: event.version });
    }
  }
}
