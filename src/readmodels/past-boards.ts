import { setImmediate as pause } from "node:timers/promises";
import { Board } from "../../projections/board.ts";
import { boardFromState, boardState } from "../../projections/board-state.ts";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import { foldEvent } from "../rules/rules.ts";
import { foldIntoBoard } from "./fold-board.ts";
import { snapshotFiles, snapshotRungs, writeSnapshot } from "./snapshot-file.ts";
import { isWorthKeeping, least_spacing_events } from "./snapshot-ladder.ts";
import { loadLatestSnapshot } from "./snapshots.ts";

/** What past boards are folded from. */
export interface PastBoardsOptions {
  readonly ledger: Ledger;
  /** Where snapshots are, and may be put. Without it every fold begins at the first event, or at a board that is kept. */
  readonly data_dir?: string;
}

/** Boards that are kept at most, and what may be on them together; the one used last stays whatever its size. */
const kept_boards = 8;
const kept_entries = 400_000;
/** While a fold is long, so often it is looked whether a snapshot is missing. */
const between_looks_events = 5000;

/**
 * Boards of the past. Each is folded from the nearest snapshot, or the nearest board that is kept, page by page, others
 * working meanwhile; one fold goes on at a time. Where a fold is long, it leaves snapshots behind for the next one.
 */
export class PastBoards {
  readonly #ledger: Ledger;
  readonly #data_dir: string | undefined;
  /** The one used last is the last. */
  #kept: readonly Board[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ ledger, data_dir }: PastBoardsOptions) {
    this.#ledger = ledger;
    this.#data_dir = data_dir;
  }

  /** The board at the end of a commit. It is shared: nobody may change it. */
  async at(position: number): Promise<Board> {
    return this.#known(position) ?? this.#inTurn(async () => this.#known(position) ?? this.#fold(position));
  }

  /** The board just before an event, the earlier events of its commit folded in. It is the caller's own. */
  async before(event: HashedEvent): Promise<Board> {
    const { offset } = event.meta;
    const start = event.position - offset - 1;
    const board = start === 0 ? new Board() : copyOf(await this.at(start));
    for (const earlier of offset === 0 ? [] : await this.#earlier(event)) foldEvent(board, earlier);
    return board;
  }

  #known(position: number): Board | undefined {
    const board = this.#kept.find((kept) => kept.position === position);
    if (board !== undefined) this.#keep(board);
    return board;
  }

  #keep(board: Board): void {
    const kept = [...this.#kept.filter((other) => other !== board), board].slice(-kept_boards);
    let entries = kept.reduce((sum, one) => sum + entriesOf(one), 0);
    while (kept.length > 1 && entries > kept_entries) {
      const [oldest] = kept.splice(0, 1);
      if (oldest !== undefined) entries -= entriesOf(oldest);
    }
    this.#kept = kept;
  }

  async #fold(position: number): Promise<Board> {
    const board = await this.#begin(position);
    let look_at = board.position + least_spacing_events;
    for await (const events of readCommits(this.#ledger, { after: board.position, until: position })) {
      foldIntoBoard(board, events);
      if (board.position >= look_at) {
        this.#leaveSnapshot(board, events.at(-1)?.hash ?? "");
        look_at = board.position + between_looks_events;
      }
      await pause();
    }
    this.#keep(board);
    return board;
  }

  /** The nearest board at or before a position, to go on from. */
  async #begin(position: number): Promise<Board> {
    const earlier = this.#kept.filter((board) => board.position <= position);
    const kept = earlier.reduce<Board | null>(
      (best, board) => (board.position > (best?.position ?? 0) ? board : best),
      null,
    );
    const snapshot = await this.#snapshot(position, kept?.position ?? 0);
    if (snapshot !== null && snapshot.position > (kept?.position ?? 0)) return snapshot;
    return kept === null ? new Board() : copyOf(kept);
  }

  /** The newest snapshot up to a position, if one can be expected to be newer than what there is. */
  async #snapshot(at_most: number, newer_than: number): Promise<Board | null> {
    if (this.#data_dir === undefined) return null;
    const isThere = snapshotFiles(this.#data_dir).some(({ position }) => position > newer_than && position <= at_most);
    return isThere ? loadLatestSnapshot(this.#data_dir, this.#ledger, at_most) : null;
  }

  /** A snapshot only saves time: where it cannot be written, the fold goes on. */
  #leaveSnapshot(board: Board, hash: string): void {
    if (this.#data_dir === undefined) return;
    // Writing one takes as long as much is open.
    const spacing = Math.max(least_spacing_events, 2 * board.incidents.size);
    try {
      if (isWorthKeeping(snapshotRungs(this.#data_dir), board.position, spacing)) {
        writeSnapshot(this.#data_dir, board, hash, "past");
      }
    } catch {
      // The next fold tries again.
    }
  }

  async #earlier({ position, meta }: HashedEvent): Promise<readonly HashedEvent[]> {
    const earlier: HashedEvent[] = [];
    const until = position - 1;
    for (let after = until - meta.offset; after < until; ) {
      const page = await this.#ledger.read({ after, until });
      const last = page.at(-1);
      if (last === undefined) throw new Error(`The ledger has no event at position ${after + 1}; run verify.`);
      earlier.push(...page);
      after = last.position;
    }
    return earlier;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

function copyOf(board: Board): Board {
  return boardFromState(boardState(board));
}

function entriesOf({ incidents, resolved, agenda, handlers }: Board): number {
  return incidents.size + resolved.size + agenda.size + handlers.size;
}
