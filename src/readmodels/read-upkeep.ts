import { statSync } from "node:fs";
import type Database from "better-sqlite3";
import { truncateWal } from "../ledger/sqlite/truncate-wal.ts";
import { PageScrubber } from "./page-scrubber.ts";

/** The limits of upkeep. */
export interface UpkeepLimits {
  /** The WAL's length from which it is made to begin anew, whoever reads. Usually it stays at half of the default. */
  readonly long_wal_bytes: number;
  /** How long that may wait for readers. Who begins to read meanwhile is not waited for. */
  readonly restart_wait_ms: number;
}

const usualLimits: UpkeepLimits = { long_wal_bytes: 33_554_432, restart_wait_ms: 2000 };
const usual_wait_ms = 5000;

/** Keeps the files of `read.db` short, and free of what was erased. */
export class ReadUpkeep {
  readonly #connection: Database.Database;
  readonly #limits: UpkeepLimits;
  readonly #scrubber: PageScrubber | null;
  readonly #setHoldsErased: Database.Statement<[number]>;
  #holds_erased: boolean;

  constructor(connection: Database.Database, limits: Partial<UpkeepLimits> = {}) {
    this.#connection = connection;
    this.#limits = { ...usualLimits, ...limits };
    // Once it is written from its beginning again, the WAL is cut to this.
    connection.pragma(`journal_size_limit = ${this.#limits.long_wal_bytes}`);
    this.#scrubber = connection.memory ? null : new PageScrubber(connection.name);
    this.#setHoldsErased = connection.prepare("UPDATE checkpoint SET holds_erased = ?");
    this.#holds_erased = connection.prepare("SELECT holds_erased FROM checkpoint").pluck().get() === 1;
  }

  /** Whether the WAL, or what is unused of the file, may hold something that was erased. A crash does not end that. */
  get holds_erased(): boolean {
    return this.#holds_erased;
  }

  /** To be called in the transaction that takes erased texts out of the rows. */
  noteErased(): void {
    this.#setHoldsErased.run(1);
    this.#holds_erased = true;
  }

  /**
   * Cuts the WAL to nothing and overwrites what is unused of the file, if they may hold something that was erased. Where a
   * reader is in the way, they still may afterwards.
   */
  forgetErased(): void {
    if (!this.#holds_erased || !truncateWal(this.#connection, usual_wait_ms)) return;
    this.#scrubber?.scrub(this.#connection);
    this.#setHoldsErased.run(0);
    this.#holds_erased = false;
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

  /** To be called after the connection was closed. */
  close(): void {
    this.#scrubber?.close();
  }
}

/** How long the WAL is; 0 where there is none. */
function walBytes({ name, memory }: Database.Database): number {
  return memory ? 0 : (statSync(`${name}-wal`, { throwIfNoEntry: false })?.size ?? 0);
}
