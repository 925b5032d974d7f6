import { isDeepStrictEqual } from "node:util";
import Database from "better-sqlite3";
import { incidentStream } from "../../events/stream.ts";
import { type Comment, commentOf } from "../../projections/incident-comments.ts";
import { foldListed, incidentListFold, isListed, type ListedIncident } from "../../projections/incident-list.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readStream } from "../ledger/read-stream.ts";
import { decodeRow, encodeRow, type ListRow } from "../readmodels/list-row.ts";
import { listSchema } from "../readmodels/list-schema.ts";
import { selectComments } from "../readmodels/search/search-schema.ts";
import { type CommentRow, commentRows } from "../readmodels/search/stored-words.ts";
import { measureFaults } from "./measures-audit.ts";
import { ordinalFaults } from "./ordinals-audit.ts";
import { searchFaults } from "./search-audit.ts";

const window_numbers = 500;
/** Past this many differing rows nobody needs to know of more. */
const most_faults = 100;

/** What came of comparing the list of incidents with the ledger. */
export interface ListAudit {
  /** How many rows were compared. */
  readonly rows: number;
  /** What is wrong, sentences without a full stop. */
  readonly faults: readonly string[];
  /** Why it was not compared, or null. */
  readonly note: string | null;
}

/** What the list says of itself, and some of its rows, all of one moment. */
interface Window {
  readonly position: number;
  readonly hash: string;
  readonly rows: ReadonlyMap<number, ListRow>;
  readonly comments: readonly CommentRow[];
  readonly last_number: number;
}

/**
 * Compares every row of `read.db`, opened for reading only, with a fresh fold of that incident's events as of the list's
 * own checkpoint. A running service may go on folding: each window of rows is read at once with its checkpoint.
 */
export async function auditList(
  file: string,
  ledger: Ledger,
  last_incident: number,
  onProgress?: (done: number, all: number) => void,
): Promise<ListAudit> {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const note = unusable(database);
    return note === null
      ? await compareAll(database, ledger, last_incident, onProgress)
      : { rows: 0, faults: [], note };
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return { rows: 0, faults: [`read.db cannot be read: ${error.message}`], note: null };
  } finally {
    database.close();
  }
}

function unusable(database: Database.Database): string | null {
  const application_id = database.pragma("application_id", { simple: true });
  const version = database.pragma("user_version", { simple: true });
  const isOurs = application_id === listSchema.application_id && version === listSchema.version;
  if (!isOurs) return "read.db is not one of this build, and was not compared.";
  const checkpoint = database
    .prepare<[], { fold_version: number; complete: number }>("SELECT fold_version, complete FROM checkpoint")
    .get();
  if (checkpoint?.fold_version !== incidentListFold.version)
    return "read.db was folded by another build, and was not compared.";
  return checkpoint.complete === 1 ? null : "read.db is still being built, and was not compared.";
}

async function compareAll(
  database: Database.Database,
  ledger: Ledger,
  last_incident: number,
  onProgress?: (done: number, all: number) => void,
): Promise<ListAudit> {
  const faults: string[] = damage(database);
  const reader = new WindowReader(database);
  let rows = 0;
  for (let first = 1; ; first += window_numbers) {
    const window = reader.read(first, first + window_numbers - 1);
    if (first === 1) {
      const foreign = await foreignFault(window, ledger);
      if (foreign !== null) return { rows: 0, faults: [foreign], note: null };
    }
    const last = Math.max(last_incident, window.last_number);
    if (first > last) break;
    for (let number = first; number < first + window_numbers && number <= last; number += 1) {
      const fault = await faultOf(ledger, number, window);
      if (fault !== null) faults.push(fault);
    }
    rows += window.rows.size;
    if (faults.length >= most_faults) break;
    onProgress?.(Math.min(first + window_numbers - 1, last), last);
  }
  faults.push(...sideTableFaults(database), ...measureFaults(database), ...(await ordinalFaults(database, ledger)));
  // Where rows are wrong already, their words are wrong for that alone.
  if (faults.length === 0) faults.push(...searchFaults(database, most_faults));
  return { rows, faults, note: null };
}

/** The list must be a fold of this very ledger, and of nothing that the ledger does not have. */
async function foreignFault({ position, hash }: Window, ledger: Ledger): Promise<string | null> {
  if (position === 0) return null;
  const [event] = await ledger.readStored(position - 1, 1);
  if (event?.position !== position)
    return `read.db was folded up to position ${position}, which the ledger does not have`;
  const found = Buffer.from(event.hash).toString("hex");
  return found === hash
    ? null
    : `read.db was folded from a ledger whose hash at position ${position} is ${hash}, not ${found}`;
}

class WindowReader {
  readonly #read: (first: number, last: number) => Window;

  constructor(database: Database.Database) {
    const checkpoint = database.prepare<[], { position: number; hash: string }>(
      "SELECT position, hash FROM checkpoint",
    );
    const rows = database.prepare<[number, number], ListRow>(
      `SELECT incidents.*, states.state, states.checksum FROM incidents LEFT JOIN states USING (number)
        WHERE number BETWEEN ? AND ?`,
    );
    const comments = database.prepare<[number, number], CommentRow>(selectComments);
    const last = database.prepare<[], number | null>("SELECT max(number) FROM incidents").pluck();
    this.#read = database.transaction((first: number, end: number) => {
      const { position, hash } = checkpoint.get() ?? { position: 0, hash: "" };
      const found = new Map(rows.all(first, end).map((row) => [row.number, row]));
      return { position, hash, rows: found, comments: comments.all(first, end), last_number: last.get() ?? 0 };
    });
  }

  /** The rows of these numbers, with the checkpoint that they are of. */
  read(first: number, last: number): Window {
    return this.#read(first, last);
  }
}

/** What is wrong with the row of one incident, or null. */
async function faultOf(ledger: Ledger, number: number, window: Window): Promise<string | null> {
  const { position, rows } = window;
  let folded: ListedIncident | null = null;
  const comments: Comment[] = [];
  let isErasedLater = false;
  for await (const event of readStream(ledger, incidentStream(number))) {
    if (event.position <= position) {
      folded = foldListed(folded, event);
      const comment = commentOf(event);
      if (comment !== null) comments.push(comment);
    } else if (event.type === "text.erased") isErasedLater = true;
  }
  const row = rows.get(number);
  const what = `read.db, incident ${number}`;
  if (!isListed(folded))
    return row === undefined ? null : `${what}: it is there, and should not be at position ${position}`;
  if (row === undefined) return `${what}: it is missing at position ${position}`;
  const listed = typeof row.state === "string" ? decodeRow(row) : null;
  if (listed === null) return `${what}: its row is damaged`;
  // What the row still holds was right at its position, but can no longer be folded.
  const isEqual = isErasedLater
    ? isDeepStrictEqual(listed.incident, folded.incident)
    : isDeepStrictEqual(listed, folded) && sameColumns(row, encodeRow(folded));
  if (!isEqual) return `${what}: its row is not what its events up to position ${position} give`;
  const stored = window.comments.filter((comment) => comment.number === number);
  const areEqual = isErasedLater || isDeepStrictEqual(stored, commentRows(number, comments));
  return areEqual ? null : `${what}: its comments are not those that its events up to position ${position} give`;
}

function sameColumns(row: ListRow, expected: ListRow): boolean {
  const { state: _state, checksum: _checksum, ...columns } = expected;
  return Object.entries(columns).every(([name, value]) => row[name as keyof typeof columns] === value);
}

function damage(database: Database.Database): string[] {
  const found = database.prepare<[], string>("PRAGMA quick_check(3)").pluck().all();
  return found.filter((line) => line !== "ok").map((line) => `SQLite finds in read.db: ${line}`);
}

/** The table of labels says the same as the states, both ways, and every state has its columns. */
function sideTableFaults(database: Database.Database): string[] {
  const labelled = "SELECT e.key, e.value, i.number FROM states i, json_each(i.state, '$.incident.labels') e";
  const stored = "SELECT key, value, number FROM labels";
  const find = (sql: string): number | undefined => database.prepare<[], number>(sql).pluck().get();
  const missing = find(`SELECT number FROM (${labelled} EXCEPT ${stored}) LIMIT 1`);
  const extra = find(`SELECT number FROM (${stored} EXCEPT ${labelled}) LIMIT 1`);
  const orphan = find("SELECT number FROM states EXCEPT SELECT number FROM incidents LIMIT 1");
  if (orphan !== undefined) return [`read.db, incident ${orphan}: only half of its row is there`];
  const number = missing ?? extra;
  return number === undefined ? [] : [`read.db, incident ${number}: its labels are not those that are searched`];
}
