import Database from "better-sqlite3";
import { ledgerFile } from "../ledger/sqlite/ledger-tables.ts";
import { walAdvice, walDamage, walDamageTold } from "../ledger/sqlite/wal-damage.ts";

/** What SQLite itself says of a ledger's file. */
export interface LedgerFileReport {
  /** What is wrong with the file's log, pages, rows and definitions, in words, without full stops. */
  readonly faults: readonly string[];
  /** What is not as this program made it, though nothing is wrong with what is in it. */
  readonly notes: readonly string[];
}

/** One thing that a file holds, as SQLite itself lists it. */
interface Definition {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  /** None for an index that SQLite made by itself. */
  readonly sql: string | null;
}

/** Checks the file of a ledger and its WAL, and has SQLite check it, opened for reading only. */
export function checkLedgerFile(file: string): LedgerFileReport {
  const damage = walDamage(file);
  const lost = damage === null ? [] : [`${walDamageTold(file, damage)}: ${walAdvice}`];
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const definitions = compareDefinitions(database);
    return { faults: [...lost, ...integrityFaults(database), ...definitions.faults], notes: definitions.notes };
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

/**
 * Compares what the file says its tables, indexes and triggers are with what this program makes. A missing trigger is no
 * fault: nothing that is recorded is another for it.
 */
function compareDefinitions(database: Database.Database): LedgerFileReport {
  const found = new Map<string, Definition>();
  try {
    for (const definition of definitionsOf(database)) found.set(definition.name, definition);
  } catch {
    return { faults: [], notes: [] }; // Why it cannot be read is said by SQLite's own check.
  }
  const faults: string[] = [];
  const missing_triggers: string[] = [];
  for (const made of definitionsAsMade()) {
    const here = found.get(made.name);
    if (here === undefined && made.type === "trigger") missing_triggers.push(made.name);
    else if (here === undefined) faults.push(`the file has no ${made.type} ${made.name} any more`);
    else if (!isSame(here, made)) faults.push(`the ${made.type} ${made.name} is not defined any more as it was made`);
  }
  if (missing_triggers.length === 0) return { faults, notes: [] };
  const names = missing_triggers.join(", ");
  return {
    faults,
    notes: [`The triggers that keep people from changing the ledger by mistake are not all there: ${names}.`],
  };
}

function isSame(here: Definition, made: Definition): boolean {
  return here.type === made.type && here.tbl_name === made.tbl_name && here.sql === made.sql;
}

function definitionsAsMade(): readonly Definition[] {
  const database = new Database(":memory:");
  try {
    database.exec(ledgerFile.tables);
    return definitionsOf(database);
  } finally {
    database.close();
  }
}

function definitionsOf(database: Database.Database): Definition[] {
  return database.prepare<[], Definition>("SELECT type, name, tbl_name, sql FROM sqlite_schema").all();
}
