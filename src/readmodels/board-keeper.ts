import { Board } from "../../projections/board.ts";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { foldIntoBoard } from "./fold-board.ts";
import { writeSnapshot } from "./snapshot-file.ts";
import { loadLatestSnapshot } from "./snapshots.ts";

/** What a keeper of snapshots needs. */
export interface BoardKeeperOptions {
  readonly data_dir: string;
  readonly ledger: Ledger;
  /** A snapshot is due after so many events. */
  readonly snapshot_events: number;
}

/** While far behind, a snapshot is taken only so many times less often: it is old before it is written. */
const far_behind = 10;

/**
 * A snapshot is due after so many events for each open incident, too: writing one of them takes about as long as folding an
 * event, and the list waits for it. So it takes about a fifth of this thread's time at most, however much is open, and a start after
 * a crash has so many events to fold at most.
 */
const events_for_each_open = 4;

/** Folds a board beside the list and writes its snapshots, so that the desk's own thread never has to. */
export class BoardKeeper {
  readonly #data_dir: string;
  readonly #snapshot_events: number;
  readonly #board: Board;
  #hash = "";
  #saved_position: number;

  private constructor(data_dir: string, snapshot_events: number, board: Board) {
    this.#data_dir = data_dir;
    this.#snapshot_events = snapshot_events;
    this.#board = board;
    this.#saved_position = board.position;
  }

  /** Begins with the newest snapshot there is. */
  static async open({ data_dir, ledger, snapshot_events }: BoardKeeperOptions): Promise<BoardKeeper> {
    const board = (await loadLatestSnapshot(data_dir, ledger)) ?? new Board();
    return new BoardKeeper(data_dir, snapshot_events, board);
  }

  get position(): number {
    return this.#board.position;
  }

  /** Folds whole commits that follow the board's position. */
  fold(events: readonly HashedEvent[]): void {
    foldIntoBoard(this.#board, events);
    this.#hash = events.at(-1)?.hash ?? this.#hash;
  }

  /** Writes a snapshot if one is due. */
  saveIfDue(is_at_head: boolean): void {
    const due = Math.max(this.#snapshot_events, events_for_each_open * this.#board.incidents.size);
    if (this.position - this.#saved_position >= due * (is_at_head ? 1 : far_behind)) this.save();
  }

  /** Writes a snapshot, unless there is one of this position. */
  save(): void {
    if (this.position === this.#saved_position) return;
    writeSnapshot(this.#data_dir, this.#board, this.#hash);
    this.#saved_position = this.position;
  }
}
