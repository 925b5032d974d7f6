import type { RecordedEvent } from "../events/recorded-event.ts";
import type { Board } from "./board.ts";
import type { Handler } from "./handler.ts";
import { noteHeldText } from "./held-texts.ts";

/** Folds an event of a handler's stream. What they have changes by the incidents' own events alone. */
export function evolveHandler(board: Board, event: RecordedEvent): void {
  const handler = event.stream.slice("handler/".length);
  for (const texts of board.held_handler_texts.values()) {
    const held = texts.get(handler);
    if (held !== undefined) noteHeldText(held, event);
  }
  if (event.type === "handler.joined") {
    put(board, joined(board, event), event, true);
    return;
  }
  const before = board.handlers.get(handler);
  if (before === undefined) return;
  const now = { ...before, version: event.version };
  switch (event.type) {
    case "handler.left":
      put(board, { ...now, team: null, last_team: event.data.team, available: false }, event, false);
      board.scratch.teams.add(event.data.team);
      return;
    case "handler.capacity-changed": {
      const { capacity } = event.data;
      put(board, { ...now, capacity }, event, capacity > before.capacity);
      return;
    }
    case "handler.made-available": {
      const turns =
        before.team === null ? before.turns : liftedTurns(board, before.handler_id, before.team, before.turns);
      put(board, { ...now, available: true, turns }, event, true);
      return;
    }
    case "handler.made-unavailable":
      put(board, { ...now, available: false }, event, false);
      return;
    default:
      put(board, now, event, false);
  }
}

function put(board: Board, handler: Handler, event: RecordedEvent, gaveRoom: boolean): void {
  board.workload.put(handler);
  if (handler.team !== null) board.scratch.teams.add(handler.team);
  if (gaveRoom) board.scratch.room_offset.set(handler.handler_id, event.meta.offset);
}

/** Rule 3: rejoining a team keeps the turns, another team starts at its lowest. */
function joined(board: Board, event: RecordedEvent<"handler.joined">): Handler {
  const { handler, team, capacity } = event.data;
  const before = board.handlers.get(handler);
  const own = before?.last_team === team ? before.turns : 0;
  return {
    handler_id: handler,
    team,
    last_team: team,
    capacity,
    available: true,
    turns: liftedTurns(board, handler, team, own),
    assignments: before?.assignments ?? 0,
    last_assigned_position: before?.last_assigned_position ?? 0,
    last_assigned_at: before?.last_assigned_at ?? null,
    joined_position: event.position,
    version: event.version,
  };
}

/** Rule 3: nobody is flooded, and nothing is gained by going away. */
function liftedTurns(board: Board, handler_id: string, team: string, own: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const other of board.handlersOf(team)) {
    if (other.available && other.handler_id !== handler_id) lowest = Math.min(lowest, other.turns);
  }
  return lowest === Number.POSITIVE_INFINITY ? own : Math.max(own, lowest);
}
