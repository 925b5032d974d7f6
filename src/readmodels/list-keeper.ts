import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { beginList, listFile, openList, putInPlace, removeList, takeOver } from "./list-file.ts";
import { foldIntoList, repairRow } from "./list-fold.ts";
import type { ListReport } from "./list-messages.ts";
import type { ReadDatabase } from "./read-database.ts";
import { isDamage } from "./unusable-read-database.ts";

/** What a keeper of the list needs. */
export interface ListKeeperOptions {
  readonly data_dir: string;
  readonly ledger: Ledger;
  /** Build it anew, whatever there is. */
  readonly rebuild: boolean;
  readonly report: (report: ListReport) => void;
}

/**
 * Keeps the list's file: opens it, or builds a new one beside it where it cannot be used, folds events into it, repairs
 * it. A list that is being built cannot be asked; its building goes on where it was left.
 */
export class ListKeeper {
  readonly #options: ListKeeperOptions;
  #database: ReadDatabase;

  private constructor(options: ListKeeperOptions, database: ReadDatabase) {
    this.#options = options;
    this.#database = database;
  }

  /** Opens the list of a data directory, or begins a new one. */
  static async open(options: ListKeeperOptions): Promise<ListKeeper> {
    const { data_dir, ledger, rebuild, report } = options;
    const { file, building } = listFile(data_dir);
    const kept = rebuild ? { database: null, why: "it has failed again and again" } : await openList(file, ledger);
    if (kept.database?.checkpoint.complete) {
      // A build that nobody needs any more must not keep texts that are erased from now on.
      removeList(building);
      return ListKeeper.#ready(options, kept.database);
    }
    kept.database?.close();
    const begun = rebuild ? { database: null } : await openList(building, ledger);
    // Where a crash came just before it was put in its place.
    if (begun.database?.checkpoint.complete) return ListKeeper.#ready(options, putInPlace(data_dir, begun.database));
    report({ kind: "building", why: kept.database === null ? kept.why : "it was never completed" });
    // Nobody asks the old one any more, and what is erased from now on would stay in it.
    removeList(file);
    return new ListKeeper(options, begun.database ?? beginList(data_dir));
  }

  static #ready(options: ListKeeperOptions, database: ReadDatabase): ListKeeper {
    options.report({ kind: "ready" });
    options.report({ kind: "erased", is_left: database.holds_erased });
    options.report({ kind: "folded", position: database.checkpoint.position });
    return new ListKeeper(options, database);
  }

  /** The position up to which the list is folded. */
  get position(): number {
    return this.#database.checkpoint.position;
  }

  /** Folds whole commits that follow the list's position. A file that turns out to be damaged is built anew. */
  async fold(events: readonly HashedEvent[]): Promise<void> {
    await this.#unlessDamaged(async () => {
      const was_left = this.#database.holds_erased;
      await foldIntoList(this.#database, this.#options.ledger, events);
      this.#reportErased(was_left);
      if (this.#database.checkpoint.complete) this.#options.report({ kind: "folded", position: this.position });
    });
  }

  /**
   * To be called when the list has come up with the ledger: one that was being built takes its place, and what was erased
   * is forgotten where that has not been possible yet.
   */
  async cameUp(): Promise<void> {
    if (this.#database.checkpoint.complete) {
      const was_left = this.#database.holds_erased;
      this.#database.forgetErased();
      this.#reportErased(was_left);
      return;
    }
    await this.#unlessDamaged(async () => {
      this.#database = takeOver(this.#options.data_dir, this.#database);
      this.#options.report({ kind: "ready" });
      this.#options.report({ kind: "folded", position: this.position });
    });
  }

  /** Folds one incident anew, then looks whether more is wrong with the file. */
  async repair(number: number): Promise<void> {
    await this.#unlessDamaged(async () => {
      await repairRow(this.#database, this.#options.ledger, number);
      const damage = this.#database.damage();
      if (damage !== null) this.rebuild(`it is damaged (${damage})`);
    });
  }

  /** Begins a new list. The old one is not asked any more. */
  rebuild(why: string): void {
    this.#options.report({ kind: "building", why });
    this.#database.close();
    removeList(listFile(this.#options.data_dir).file);
    this.#database = beginList(this.#options.data_dir);
  }

  close(): void {
    this.#database.close();
  }

  #reportErased(was_left: boolean): void {
    const is_left = this.#database.holds_erased;
    if (is_left || was_left) this.#options.report({ kind: "erased", is_left });
  }

  async #unlessDamaged(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.rebuild(error instanceof Error ? error.message : String(error));
    }
  }
}
