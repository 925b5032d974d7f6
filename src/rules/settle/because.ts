import type { Because } from "../../../events/recorded-event.ts";
import type { Board } from "../../../projections/board.ts";

/**
 * What a decision about an incident follows from: the latest earlier event of this commit in the incident's own
 * stream; else the older event that set what came due; else the latest earlier event of this commit that gave the
 * chosen handler room. Throws where there is none of these: then the decision would not follow, which is a bug.
 */
export function becauseOf(board: Board, number: number, due_position?: number, handler?: string): Because {
  const own = board.scratch.last_offset.get(number);
  if (own !== undefined) return { offset: own };
  if (due_position !== undefined) return { position: due_position };
  const room = handler === undefined ? undefined : board.scratch.room_offset.get(handler);
  if (room !== undefined) return { offset: room };
  throw new Error(`a decision about incident ${number} follows from nothing`);
}
