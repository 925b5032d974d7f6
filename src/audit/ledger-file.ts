import Database from "better-sqlite3";

/** What SQLite itself says of a ledger's file. */
export interface LedgerFileReport {
  /** What is wrong with the file's pages and rows, at most ten sentences. */
  readonly faults: readonly string[];
  /** What is not as this program made it, though nothing is wrong with what is in it. */
  readonly notes: readonly string[];
}

/** The triggers of `src/ledger/sqlite/ledger-tables.ts`. */
const guards = [
  "events_are_never_deleted",
  "events_are_never_changed",
  "events_are_never_replaced",
  "head_is_never_deleted",
  "head_only_moves_forward",
];

/** Has SQLite check the file of a ledger, opened for reading only. */
export function checkLedgerFile(file: string): LedgerFileReport {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return { faults: integrityFaults(database), notes: guardNotes(database) };
  } finally {
    database.close();
  }
}

function integrityFaults(database: Database.Database): string[] {
  try {
    const found = database.prepare<[], string>("PRAGMA integrity_check(10)").pluck().all();
    return found.filter((line) => line !== "ok").map((line) => `SQLite finds in the file: ${line}`);
  } catch (error) {
    return [`SQLite cannot read the file: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function guardNotes(database: Database.Database): string[] {
  const found = new Set(
    database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all(),
  );
  const missing = guards.filter((name) => !found.has(name));
  if (missing.length === 0) return [];
  return [
    `The triggers that keep people from changing the ledger by mistake are not all there: ${missing.join(", ")}.`,
  ];
}
