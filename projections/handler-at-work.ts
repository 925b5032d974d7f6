import type { Board } from "./board.ts";
import type { Handler } from "./handler.ts";

/** A handler and what they have. */
export interface HandlerAtWork {
  readonly handler: Handler;
  /** The ids of their incidents, in the order of their numbers. */
  readonly incidents: readonly string[];
}

/** Takes a handler and what they have from the board. */
export function handlerAtWork(board: Board, handler: Handler): HandlerAtWork {
  const incidents = board
    .workOf(handler.handler_id)
    .flatMap((number) => board.incidents.get(number)?.incident_id ?? []);
  return { handler, incidents };
}
