import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import { keepFileForOwner, makeFileForOwner } from "./owner-only.ts";

/** An open SQLite file, the driver's own object. */
export type SqliteDatabase = Database.Database;

/** What kind of file it is, so that no other file is ever taken for it. */
export interface FileKind {
  /** What it is called in messages, for example "ledger". */
  readonly name: string;
  /** SQLite's `application_id`. */
  readonly application_id: number;
  /** The version of the tables, SQLite's `user_version`, from 1. */
  readonly tables_version: number;
  /** Creates the tables of this version in an empty file. */
  readonly tables: string;
  /** SQL that brings older tables to the next version: the first from 1 to 2, and so on. None: it never changed. */
  readonly upgrades?: readonly string[];
}

/** Which file is opened, and how. */
export interface OpenOptions {
  readonly file: string;
  /** Neither creates nor changes anything. */
  readonly readonly?: boolean;
  /** How long a statement waits for another process's lock, in milliseconds. */
  readonly busy_timeout_ms?: number;
}

/** Before this version, SQLite could corrupt a file when its WAL was reset while another connection wrote. */
const oldestSqlite = [3, 51, 3] as const;

/**
 * Opens a SQLite file whose commits are durable when they return: WAL, `synchronous=FULL`. Makes the file, and its
 * directory, where there is none; the file, with all that is beside it, is for its owner only. Throws with a sentence where
 * the file is of another kind, of a newer build, or where SQLite does not keep one of the settings that durability depends on.
 */
export function openDurable(kind: FileKind, options: OpenOptions): SqliteDatabase {
  const { file, readonly = false, busy_timeout_ms = 5000 } = options;
  if (readonly && !existsSync(file)) throw new Error(`There is no ${kind.name} at ${file}.`);
  const database = openFile(kind, file, readonly, busy_timeout_ms);
  try {
    refuseOldSqlite(database);
    refuseOtherKinds(database, kind, file, readonly);
    // Only now is it known to be ours.
    if (!readonly) keepFileForOwner(file);
    configure(database, readonly);
    if (!readonly) createTables(database, kind);
    if (!readonly) upgradeTables(database, kind);
    assertSettings(database, readonly);
    return database;
  } catch (error) {
    database.close();
    throw explained(error, kind, file);
  }
}

function openFile(kind: FileKind, file: string, readonly: boolean, timeout: number): SqliteDatabase {
  try {
    if (!readonly) makeFileForOwner(file);
    return new Database(file, { readonly, fileMustExist: readonly, timeout });
  } catch (error) {
    throw explained(error, kind, file);
  }
}

function explained(error: unknown, kind: FileKind, file: string): unknown {
  // SQLite's errors have a code, and so have those of the file system.
  if (!(error instanceof Error) || !("code" in error)) return error;
  return new Error(`The ${kind.name} at ${file} cannot be opened: ${error.message} (${error.code}).`, { cause: error });
}

function refuseOldSqlite(database: SqliteDatabase): void {
  const found = String(database.prepare("SELECT sqlite_version()").pluck().get());
  if (isAtLeast(found, oldestSqlite)) return;
  throw new Error(`SQLite ${found} can corrupt its WAL; install a build with ${oldestSqlite.join(".")} or newer.`);
}

/** Whether a version such as "3.53.2" is at least the wanted one. */
export function isAtLeast(found: string, wanted: readonly number[]): boolean {
  const parts = found.split(".").map(Number);
  for (const [index, part] of wanted.entries()) {
    const difference = (parts[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function refuseOtherKinds(database: SqliteDatabase, kind: FileKind, file: string, readonly: boolean): void {
  const application_id = numberOf(database, "application_id");
  const version = numberOf(database, "user_version");
  const tables = Number(database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get());
  if (!readonly && application_id === 0 && version === 0 && tables === 0) return;
  if (application_id !== kind.application_id) throw new Error(`${file} is not a ${kind.name} of Incident Ledger.`);
  if (version > kind.tables_version) {
    throw new Error(
      `The ${kind.name} at ${file} is of version ${version}; this build knows ${kind.tables_version}. Use a newer build.`,
    );
  }
  const canUpgrade = !readonly && version >= 1 && (kind.upgrades?.length ?? 0) >= kind.tables_version - 1;
  if (version < kind.tables_version && !canUpgrade) {
    throw new Error(`The ${kind.name} at ${file} is of version ${version}, which this build cannot read as it is.`);
  }
}

function configure(database: SqliteDatabase, readonly: boolean): void {
  if (!readonly) database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("secure_delete = ON");
  database.pragma("trusted_schema = OFF");
  database.pragma("cell_size_check = ON");
  database.pragma("mmap_size = 0");
  database.pragma("foreign_keys = OFF");
  if (readonly) database.pragma("query_only = ON");
}

/** Two processes may do this at once: the second finds the tables there. */
function createTables(database: SqliteDatabase, kind: FileKind): void {
  if (numberOf(database, "user_version") !== 0) return;
  database
    .transaction(() => {
      if (numberOf(database, "user_version") !== 0) return;
      database.exec(kind.tables);
      database.pragma(`application_id = ${kind.application_id}`);
      database.pragma(`user_version = ${kind.tables_version}`);
    })
    .immediate();
}

/** Brings the tables of an older build to this version, all steps at once or none. */
function upgradeTables(database: SqliteDatabase, kind: FileKind): void {
  if (numberOf(database, "user_version") === kind.tables_version) return;
  database
    .transaction(() => {
      const version = numberOf(database, "user_version");
      for (const upgrade of (kind.upgrades ?? []).slice(version - 1)) database.exec(upgrade);
      database.pragma(`user_version = ${kind.tables_version}`);
    })
    .immediate();
}

/** Only after a statement has run do the pragmas tell what is in force: read too early, `synchronous` shows a stale FULL. */
function assertSettings(database: SqliteDatabase, readonly: boolean): void {
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
  const wanted = { synchronous: 2, secure_delete: 1, trusted_schema: 0, cell_size_check: 1, foreign_keys: 0 };
  const found = Object.keys(wanted).map((name) => [name, numberOf(database, name)]);
  for (const [name, value] of found) {
    if (value !== wanted[name as keyof typeof wanted]) throw new Error(`SQLite has ${name} = ${value}.`);
  }
  const journal_mode = database.pragma("journal_mode", { simple: true });
  if (journal_mode !== "wal" && !readonly) throw new Error(`SQLite has journal_mode = ${journal_mode} instead of wal.`);
}

function numberOf(database: SqliteDatabase, pragma: string): number {
  return Number(database.pragma(pragma, { simple: true }));
}
