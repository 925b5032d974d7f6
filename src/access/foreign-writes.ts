import type { Statement } from "better-sqlite3";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";

/** Tells whoever keeps something of a database in memory when another connection, such as the command line's, has changed it. */
export class ForeignWrites {
  readonly #dataVersion: Statement<[], number>;
  #seen: number;

  constructor(database: SqliteDatabase) {
    this.#dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();
    this.#seen = this.#version();
  }

  /** Whether another connection has committed since the last call. Costs next to nothing. */
  haveHappened(): boolean {
    const version = this.#version();
    if (version === this.#seen) return false;
    this.#seen = version;
    return true;
  }

  #version(): number {
    return this.#dataVersion.get() ?? -1;
  }
}
