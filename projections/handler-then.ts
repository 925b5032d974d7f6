import type { Board } from "./board.ts";
import type { Handler } from "./handler.ts";

/** A handler as far as an assignment depends on it. */
export interface HandlerThen {
  readonly handler_id: string;
  readonly available: boolean;
  /** How many incidents they had. */
  readonly active: number;
  readonly capacity: number;
  /** Whether the rules could give them one more. */
  readonly has_room: boolean;
  readonly turns: number;
  readonly last_assigned_at: string | null;
  /** The numbers of what they had, the lowest first; the first few of many. */
  readonly incidents: readonly number[];
}

const listed_incidents = 20;

/** What the board says of a handler. */
export function handlerThen(board: Board, handler: Handler): HandlerThen {
  const { handler_id, capacity, turns, last_assigned_at } = handler;
  const available = handler.team !== null && handler.available;
  const active = board.activeOf(handler_id);
  return {
    handler_id,
    available,
    active,
    capacity,
    has_room: available && active < capacity,
    turns,
    last_assigned_at,
    incidents: board.workOf(handler_id).slice(0, listed_incidents),
  };
}
