import { setImmediate as pause } from "node:timers/promises";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import { BoardKeeper } from "./board-keeper.ts";
import { ListKeeper } from "./list-keeper.ts";
import type { ListOrder, ListReport, ListWorkerData } from "./list-messages.ts";

/** What following a ledger needs. */
export interface LedgerFollowerOptions extends Omit<ListWorkerData, "ledger_file"> {
  readonly ledger: Ledger;
  readonly report: (report: ListReport) => void;
}

/** Events that are folded and written at once, while there are so many. */
const batch_events = 10_000;

/**
 * Reads the ledger once, and folds it into both the list and the board whose snapshots it writes. It obeys orders one after
 * another; whatever it throws means that it must be opened anew.
 */
export class LedgerFollower {
  readonly #ledger: Ledger;
  readonly #list: ListKeeper;
  readonly #board: BoardKeeper;
  readonly #report: (report: ListReport) => void;
  #is_closing = false;

  private constructor({ ledger, report }: LedgerFollowerOptions, list: ListKeeper, board: BoardKeeper) {
    this.#ledger = ledger;
    this.#report = report;
    this.#list = list;
    this.#board = board;
  }

  /** Opens the list and the newest snapshot of a data directory. Nothing is folded yet. */
  static async open(options: LedgerFollowerOptions): Promise<LedgerFollower> {
    const list = await ListKeeper.open(options);
    return new LedgerFollower(options, list, await BoardKeeper.open(options));
  }

  /** Does what is asked. */
  async obey(order: ListOrder): Promise<void> {
    switch (order.kind) {
      case "fold":
        return this.#fold();
      case "repair":
        await this.#list.repair(order.number);
        return this.#fold();
      case "rebuild":
        this.#list.rebuild(order.why);
        return this.#fold();
      case "snapshot":
        await this.#fold();
        return this.#save(() => this.#board.save());
      case "close":
        return this.#list.close();
      default:
        return order satisfies never;
    }
  }

  /** Has a fold that is under way end soon, so that `close` need not wait for it. */
  hurry(): void {
    this.#is_closing = true;
  }

  /** Folds until there is nothing new. */
  async #fold(): Promise<void> {
    while (!this.#is_closing) {
      const head = await this.#ledger.head();
      if (Math.min(this.#list.position, this.#board.position) >= head.position) {
        await this.#list.cameUp();
        // Where the list turned out to be damaged at the last moment, a new one was begun.
        if (this.#list.position >= head.position) return;
      }
      await this.#foldUpTo(head.position);
    }
  }

  async #foldUpTo(until: number): Promise<void> {
    let batch: readonly HashedEvent[] = [];
    const after = Math.min(this.#list.position, this.#board.position);
    for await (const events of readCommits(this.#ledger, { after, until })) {
      batch = batch.length === 0 ? events : batch.concat(events);
      const position = batch.at(-1)?.position ?? after;
      if (batch.length < batch_events && position < until) continue;
      const before = this.#list.position;
      await this.#foldBatch(batch, position >= until);
      batch = [];
      // Orders that came meanwhile are heard.
      await pause();
      // Where a new list was begun, the fold starts over.
      if (this.#is_closing || this.#list.position < before) return;
    }
  }

  async #foldBatch(batch: readonly HashedEvent[], is_at_head: boolean): Promise<void> {
    const forList = batch.filter((event) => event.position > this.#list.position);
    const forBoard = batch.filter((event) => event.position > this.#board.position);
    if (forList.length > 0) await this.#list.fold(forList);
    if (forBoard.length > 0) this.#board.fold(forBoard);
    this.#save(() => this.#board.saveIfDue(is_at_head));
  }

  /** A snapshot only saves time: where it cannot be written, the list goes on. */
  #save(write: () => void): void {
    try {
      write();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#report({ kind: "fault", message: `No snapshot of the board could be written: ${why}.` });
    }
  }
}
