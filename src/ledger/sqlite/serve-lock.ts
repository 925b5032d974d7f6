import { join } from "node:path";
import Database from "better-sqlite3";
import { keepFileForOwner, makeFileForOwner } from "./owner-only.ts";

/**
 * Held by the one `serve` of a data directory. It is SQLite's own lock on an otherwise empty file, so the kernel frees
 * it when the process ends, however it ends. (Nothing else in this process may open that file: closing it would free
 * the lock.)
 */
export class ServeLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Takes the lock, or throws with a sentence where another service runs on this directory. Never waits. */
  static take(data_dir: string): ServeLock {
    const file = join(data_dir, "serve.lock");
    makeFileForOwner(file);
    keepFileForOwner(file);
    const database = new Database(file, { timeout: 0 });
    try {
      database.exec("BEGIN EXCLUSIVE");
      return new ServeLock(database);
    } catch (error) {
      database.close();
      if (!(error instanceof Database.SqliteError) || !error.code.startsWith("SQLITE_BUSY")) throw error;
      throw new Error(`Another service runs on ${data_dir}; stop it first, or choose another DATA_DIR.`, {
        cause: error,
      });
    }
  }

  /** Whether somebody holds the lock. Only looks; not to be asked by the process of that service itself. */
  static isTaken(data_dir: string): boolean {
    let database: Database.Database | undefined;
    try {
      database = new Database(join(data_dir, "serve.lock"), { readonly: true, timeout: 0 });
      database.prepare("SELECT count(*) FROM sqlite_schema").get();
      return false;
    } catch (error) {
      return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
    } finally {
      database?.close();
    }
  }

  /** Gives the lock back. */
  release(): void {
    this.#database.close();
  }
}
