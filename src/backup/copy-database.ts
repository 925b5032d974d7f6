import Database from "better-sqlite3";
import { type FileKind, openDurable, type SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import { leavingAsFound } from "../ledger/sqlite/leaving-as-found.ts";
import { makeFileForOwner } from "../ledger/sqlite/owner-only.ts";
import { syncFile } from "../transfer/build-ledger.ts";

/** Four megabytes a step: other work of this process gets its turn in between. */
const step_pages = 1024;

/**
 * Copies a SQLite file as of this moment with SQLite's own backup, beside a service that goes on writing: the copy reads
 * from one snapshot of the WAL, so no commit waits for it, and none makes it begin again. `look` reads from that very
 * snapshot. The copy needs no WAL to be read, is for its owner only, and is durable.
 */
export async function copyDatabase<Result>(
  kind: FileKind,
  from: string,
  to: string,
  look: (database: SqliteDatabase) => Result,
  onProgress: (done: number, all: number) => void,
): Promise<Result> {
  return leavingAsFound(from, async () => {
    const source = openDurable(kind, { file: from, readonly: true });
    try {
      source.exec("BEGIN");
      // The first read, not BEGIN, is what takes the snapshot.
      const seen = look(source);
      makeFileForOwner(to);
      await source.backup(to, {
        progress: ({ totalPages, remainingPages }) => {
          onProgress(totalPages - remainingPages, totalPages);
          return step_pages;
        },
      });
      finish(to);
      return seen;
    } finally {
      source.close();
    }
  });
}

/** Pages that were free are zeros in the source, whose `secure_delete` is on; the copy has no other pages than those. */
function finish(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    const mode = database.pragma("journal_mode = DELETE", { simple: true });
    if (mode !== "delete") throw new Error(`SQLite keeps the copy ${file} in journal mode ${mode}.`);
  } finally {
    database.close();
  }
  syncFile(file);
}
