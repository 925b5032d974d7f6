import Database from "better-sqlite3";

/** Thrown where a file is not a list that this build can go on with. It is to be built anew. */
export class UnusableReadDatabase extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnusableReadDatabase";
  }
}

/** Whether an error says that the file is damaged or gone, so that only a new one helps. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return error instanceof UnusableReadDatabase;
  const { code } = error;
  // A statement that does not fit the tables any more: one of them, or a column, is gone.
  if (code === "SQLITE_ERROR") return true;
  return ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CANTOPEN", "SQLITE_IOERR_SHORT_READ"].some((damage) =>
    code.startsWith(damage),
  );
}
