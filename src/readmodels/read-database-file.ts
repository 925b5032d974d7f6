import Database from "better-sqlite3";
import { incidentListFold } from "../../projections/incident-list.ts";
import { createIndexes, createTables, listSchema } from "./list-schema.ts";
import { createSearchTables } from "./search/search-schema.ts";
import { UnusableReadDatabase } from "./unusable-read-database.ts";

/** How far the list is folded, and of which ledger. */
export interface Checkpoint {
  /** Empty while nothing is folded. */
  readonly ledger_id: string;
  readonly position: number;
  /** The ledger's hash at that position; empty at position 0. */
  readonly hash: string;
  /** Whether the list can be asked. Not yet so while it is being built. */
  readonly complete: boolean;
}

/** The tables of a file, as one text to compare. */
export function tablesOf(connection: Database.Database): string {
  return JSON.stringify(connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all());
}

/** The tables that such a file must have, before its build is complete or after. */
export function expectedTables(complete: boolean): string {
  const connection = new Database(":memory:");
  const tables_from_the_start = `${createTables} ${createSearchTables}`;
  connection.exec(complete ? `${tables_from_the_start} ${createIndexes}` : tables_from_the_start);
  const tables = tablesOf(connection);
  connection.close();
  return tables;
}

/** How such a file is written. */
export function setUp(connection: Database.Database): void {
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = OFF");
  connection.pragma("secure_delete = ON");
  connection.pragma("cell_size_check = ON");
  connection.pragma("cache_size = -65536");
  connection.pragma("wal_autocheckpoint = 4000");
}

/** Refuses a file that is no list, or one of another schema or fold. */
export function refuseForeign(connection: Database.Database): void {
  const application_id = connection.pragma("application_id", { simple: true });
  const version = connection.pragma("user_version", { simple: true });
  if (application_id !== listSchema.application_id) throw new UnusableReadDatabase("it is not a list of incidents");
  if (version !== listSchema.version) throw new UnusableReadDatabase(`its schema is of version ${version}`);
  const fold = connection.prepare<[], number>("SELECT fold_version FROM checkpoint").pluck().get();
  if (fold !== incidentListFold.version) throw new UnusableReadDatabase(`it was folded by version ${fold}`);
}

/** How far the list of a file is folded. */
export function readCheckpoint(connection: Database.Database): Checkpoint {
  const row = connection
    .prepare<[], { ledger_id: string; position: number; hash: string; complete: number }>(
      "SELECT ledger_id, position, hash, complete FROM checkpoint",
    )
    .get();
  if (row === undefined) throw new UnusableReadDatabase("it has no checkpoint");
  return { ledger_id: row.ledger_id, position: row.position, hash: row.hash, complete: row.complete === 1 };
}
