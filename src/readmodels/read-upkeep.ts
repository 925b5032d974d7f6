import { statSync } from "node:fs";
import type Database from "better-sqlite3";
import { truncateWal } from "../ledger/sqlite/truncate-wal.ts";
import type { ListRow } from "./list-row.ts";

type State = Pick<ListRow, "number" | "state" | "checksum">;

/** The limits of upkeep. */
export interface UpkeepLimits {
  /** The WAL's length from which it is made to begin anew, whoever reads. Usually it stays at half of the default. */
  readonly long_wal_bytes: number;
  /** How long that may wait for readers. Who begins to read meanwhile is not waited for. */
  readonly restart_wait_ms: number;
}

const usualLimits: UpkeepLimits = { long_wal_bytes: 33_554_432, restart_wait_ms: 2000 };
const usual_wait_ms = 5000;
/** So many states before and after one whose texts were erased are written anew: dozens of pages on both sides. */
const scrubbed_rows = 300;

/** Keeps the files of `read.db` short, and free of what was erased. */
export class ReadUpkeep {
  readonly #connection: Database.Database;
  readonly #limits: UpkeepLimits;
  readonly #select: Database.Statement<[number, number], State>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #insert: Database.Statement<[State]>;
  /** What a crash left in the WAL is not known. */
  #holds_erased = true;

  constructor(connection: Database.Database, limits: Partial<UpkeepLimits> = {}) {
    this.#connection = connection;
    this.#limits = { ...usualLimits, ...limits };
    // Once it is written from its beginning again, the WAL is cut to this.
    connection.pragma(`journal_size_limit = ${this.#limits.long_wal_bytes}`);
    this.#select = connection.prepare(
      "SELECT number, state, checksum FROM states WHERE number BETWEEN ? AND ? ORDER BY number",
    );
    this.#delete = connection.prepare("DELETE FROM states WHERE number BETWEEN ? AND ?");
    this.#insert = connection.prepare(
      "INSERT INTO states (number, state, checksum) VALUES (:number, :state, :checksum)",
    );
  }

  /** Whether the WAL may hold something that was erased, because a reader is in the way. */
  get holds_erased(): boolean {
    return this.#holds_erased;
  }

  /**
   * Writes the states around some numbers anew, so that they lie on pages that were empty. To be called in the transaction
   * that takes texts out of those states. SQLite overwrites what it frees, but where it moves rows from page to page it leaves
   * copies of them behind in the gaps of the pages that they come from. Rows only ever move between neighbours, so those
   * pages are near, and taking away all their rows frees them.
   */
  scrub(numbers: readonly number[]): void {
    if (numbers.length > 0) this.#holds_erased = true;
    for (const [first, last] of windowsAround(numbers)) {
      const states = this.#select.all(first, last);
      this.#delete.run(first, last);
      for (const state of states) this.#insert.run(state);
    }
  }

  /** Cuts the WAL to nothing, if it may hold something that was erased. */
  forgetErased(): void {
    if (this.#holds_erased) this.#holds_erased = !truncateWal(this.#connection, usual_wait_ms);
  }

  /**
   * SQLite begins the WAL anew only at a moment when nobody reads it, which may never come where readers overlap. So where
   * it has grown, those who read it are waited for; others read the database file alone from then on.
   */
  shortenWal(): void {
    const { long_wal_bytes, restart_wait_ms } = this.#limits;
    if (walBytes(this.#connection) <= long_wal_bytes) return;
    this.#connection.pragma(`busy_timeout = ${restart_wait_ms}`);
    try {
      this.#connection.pragma("wal_checkpoint(RESTART)");
    } catch {
      // It is tried again with the next batch.
    } finally {
      this.#connection.pragma(`busy_timeout = ${usual_wait_ms}`);
    }
  }
}

/** The numbers around these, as ranges that do not overlap. */
function windowsAround(numbers: readonly number[]): [first: number, last: number][] {
  const windows: [first: number, last: number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const before = windows.at(-1);
    if (before !== undefined && before[1] >= number - scrubbed_rows) before[1] = number + scrubbed_rows;
    else windows.push([number - scrubbed_rows, number + scrubbed_rows]);
  }
  return windows;
}

/** How long the WAL is; 0 where there is none. */
function walBytes({ name, memory }: Database.Database): number {
  return memory ? 0 : (statSync(`${name}-wal`, { throwIfNoEntry: false })?.size ?? 0);
}
