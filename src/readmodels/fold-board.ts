import { setImmediate as pause } from "node:timers/promises";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { Board } from "../../projections/board.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import { foldEvent } from "../rules/rules.ts";

/** Where a fold of the board begins and ends. */
export interface FoldBoardOptions {
  /** A board to go on from; it is changed. It must stand at the end of a commit, at or before `until`. */
  readonly from?: Board | null;
  /** The last position to fold; inside a commit it means that commit's end. Without it, or beyond the head: the head. */
  readonly until?: number;
  /** Called after every page with how far the fold is and how far it goes. */
  readonly onProgress?: (position: number, until: number) => void;
}

/**
 * The board of a ledger as of a position. It stops at the head noted at the start, however much is written meanwhile, and
 * lets others work between pages. Rejects where the ledger is damaged.
 */
export async function boardAt(ledger: Ledger, options: FoldBoardOptions = {}): Promise<Board> {
  const head = await ledger.head();
  const until = Math.min(options.until ?? head.position, head.position);
  const board = options.from ?? new Board();
  if (board.position > until) throw new RangeError(`a board at ${board.position} cannot be folded up to ${until}`);
  for await (const events of readCommits(ledger, { after: board.position, until })) {
    foldIntoBoard(board, events);
    options.onProgress?.(board.position, Math.max(until, board.position));
    await pause();
  }
  return board;
}

/** Folds whole commits into a board that stands just before them. What has ended does not stay beside it. */
export function foldIntoBoard(board: Board, events: readonly RecordedEvent[]): void {
  for (const event of events) foldEvent(board, event);
  board.clearBeside();
}
