import { existsSync } from "node:fs";
import Database from "better-sqlite3";

/**
 * Runs work that reads a SQLite file. Even who only reads makes SQLite put an empty WAL beside a file that nobody else
 * has open, and leave it there. Where there was none before, a last connection that writes nothing has SQLite itself
 * take it away again, which it does only if nobody else has the file open by now.
 */
export async function leavingAsFound<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const hadWal = existsSync(`${file}-wal`);
  try {
    return await work();
  } finally {
    if (!hadWal && existsSync(`${file}-wal`)) takeAwayEmptyWal(file);
  }
}

function takeAwayEmptyWal(file: string): void {
  try {
    const database = new Database(file, { fileMustExist: true, timeout: 0 });
    try {
      database.pragma("query_only = ON");
      database.prepare("SELECT count(*) FROM sqlite_schema").get();
    } finally {
      database.close();
    }
  } catch {
    // It is empty and harms nobody.
  }
}
