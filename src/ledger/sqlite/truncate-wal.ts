import type { SqliteDatabase } from "./durable-database.ts";

const truncate_wait_ms = 15;

/**
 * Moves the whole WAL into the database file and cuts it to nothing. False where somebody is in the way. Afterwards
 * statements wait for locks as long as `busy_timeout_ms` says (default 5000).
 */
export function truncateWal(database: SqliteDatabase, busy_timeout_ms = 5000): boolean {
  database.pragma(`busy_timeout = ${truncate_wait_ms}`);
  try {
    return database.pragma("wal_checkpoint(TRUNCATE)", { simple: true }) === 0;
  } catch {
    // What was committed stays committed whether or not it can be moved now.
    return false;
  } finally {
    database.pragma(`busy_timeout = ${busy_timeout_ms}`);
  }
}
