import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/** What one table or index of a SQLite file takes. */
export interface Part {
  readonly name: string;
  /** Whole pages. */
  readonly bytes: number;
  /** What of that is free, inside pages. */
  readonly unused: number;
}

/** The tables and indexes of a file, the largest first. The file must have no WAL that matters. */
export function partsOf(file: string): readonly Part[] {
  const database = new Database(file, { readonly: true });
  try {
    return database
      .prepare<[], Part>(
        `SELECT name, sum(pgsize) AS bytes, sum(unused) AS unused FROM dbstat
          WHERE name NOT LIKE 'sqlite_%' GROUP BY name ORDER BY bytes DESC`,
      )
      .all();
  } finally {
    database.close();
  }
}

/** How many bytes the bodies of the ledger's events have: the columns that people and rules fill. */
export function bodyBytes(ledger_file: string): { readonly data: number; readonly text: number } {
  const database = new Database(ledger_file, { readonly: true });
  try {
    const sums = "SELECT sum(octet_length(data)) AS data, sum(octet_length(text)) AS text FROM events";
    return database.prepare<[], { data: number; text: number }>(sums).get() ?? { data: 0, text: 0 };
  } finally {
    database.close();
  }
}

/** A file's or a directory's length; 0 where there is none. */
export function bytesOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
