import Database from "better-sqlite3";
import type { Appearance } from "../../projections/appearance.ts";
import { incidentListFold, isListed, type ListedIncident } from "../../projections/incident-list.ts";
import { keepFileForOwner, makeFileForOwner } from "../ledger/sqlite/owner-only.ts";
import { decodeRow, encodeRow, type ListRow } from "./list-row.ts";
import { createIndexes, createTables, fillLabels, listSchema, selectRow } from "./list-schema.ts";
import {
  type Checkpoint,
  expectedTables,
  readCheckpoint,
  refuseForeign,
  setUp,
  tablesOf,
} from "./read-database-file.ts";
import { ReadUpkeep } from "./read-upkeep.ts";
import { createSearchTables } from "./search/search-schema.ts";
import { type SearchedChange, SearchWriter } from "./search/search-writer.ts";
import { MeasureWriter } from "./statistics/measure-writer.ts";
import { UnusableReadDatabase } from "./unusable-read-database.ts";

/**
 * What one incident was in the list, as far as it was looked up, and what it is now. `before` is null where it has no row;
 * undefined where its row is damaged, or nobody looked.
 */
export type ListChange = SearchedChange;

/** What else a batch of events means for the list. */
export interface BatchEffects {
  /** The incidents whose texts were erased: nothing of those may be left in the file or its WAL afterwards. */
  readonly erased?: readonly number[];
  /** Incidents that came into a team, in order. */
  readonly appearances?: readonly Appearance[];
}

const putColumns = `
  INSERT INTO incidents (number, status, open, severity, team, assigned_to, type, source, timestamp, reported_at)
  VALUES (:number, :status, :open, :severity, :team, :assigned_to, :type, :source, :timestamp, :reported_at)
  ON CONFLICT (number) DO UPDATE SET status = :status, open = :open, severity = :severity, team = :team,
    assigned_to = :assigned_to, type = :type, source = :source, timestamp = :timestamp, reported_at = :reported_at`;

/** For the many changes that touch nothing else: the indexes on other columns are left alone. */
const changeHolder = `
  UPDATE incidents SET status = :status, open = :open, assigned_to = :assigned_to WHERE number = :number`;

/** The next ordinal of the team, unless the incident has been there before. */
const putOrdinal = `
  INSERT INTO ordinals (team, ordinal, number)
  SELECT :team, 1 + coalesce((SELECT max(ordinal) FROM ordinals WHERE team = :team), 0), :number
  WHERE NOT EXISTS (SELECT 1 FROM ordinals WHERE team = :team AND number = :number)`;

const putState = `
  INSERT INTO states (number, state, checksum) VALUES (:number, :state, :checksum)
  ON CONFLICT (number) DO UPDATE SET state = :state, checksum = :checksum`;

/**
 * The writing side of `read.db`. Rows and checkpoint are written in one transaction. The file needs no fsync: what a
 * power failure leaves of it is checked at the next start, and built anew if need be.
 */
export class ReadDatabase {
  readonly #connection: Database.Database;
  readonly #select: Database.Statement<[number], ListRow>;
  readonly #putColumns: Database.Statement<[ListRow]>;
  readonly #changeHolder: Database.Statement<[ListRow]>;
  readonly #putState: Database.Statement<[ListRow]>;
  readonly #deleteColumns: Database.Statement<[number]>;
  readonly #deleteState: Database.Statement<[number]>;
  readonly #putOrdinal: Database.Statement<[{ readonly team: string; readonly number: number }]>;
  readonly #insertLabel: Database.Statement<[string, string, number]>;
  readonly #deleteLabel: Database.Statement<[string, string, number]>;
  readonly #deleteLabels: Database.Statement<[number]>;
  readonly #search: SearchWriter;
  readonly #writeCheckpoint: Database.Statement<[Checkpoint & { readonly complete_flag: number }]>;
  readonly #measures: MeasureWriter;
  #checkpoint: Checkpoint;
  readonly #upkeep: ReadUpkeep;

  private constructor(connection: Database.Database) {
    this.#connection = connection;
    this.#checkpoint = readCheckpoint(connection);
    this.#upkeep = new ReadUpkeep(connection);
    this.#measures = new MeasureWriter(connection, (why) => {
      throw new UnusableReadDatabase(why);
    });
    this.#select = connection.prepare(selectRow);
    this.#putColumns = connection.prepare(putColumns);
    this.#changeHolder = connection.prepare(changeHolder);
    this.#putState = connection.prepare(putState);
    this.#deleteColumns = connection.prepare("DELETE FROM incidents WHERE number = ?");
    this.#deleteState = connection.prepare("DELETE FROM states WHERE number = ?");
    this.#putOrdinal = connection.prepare(putOrdinal);
    this.#insertLabel = connection.prepare("INSERT OR IGNORE INTO labels (key, value, number) VALUES (?, ?, ?)");
    this.#deleteLabel = connection.prepare("DELETE FROM labels WHERE key = ? AND value = ? AND number = ?");
    this.#deleteLabels = connection.prepare("DELETE FROM labels WHERE number = ?");
    this.#search = new SearchWriter(connection);
    this.#writeCheckpoint = connection.prepare(
      "UPDATE checkpoint SET ledger_id = :ledger_id, position = :position, hash = :hash, complete = :complete_flag",
    );
  }

  /** Makes an empty list, to be built. The file must not exist, and is for its owner only; `:memory:` keeps it in memory. */
  static create(file: string): ReadDatabase {
    if (file !== ":memory:") makeFileForOwner(file);
    const connection = new Database(file);
    setUp(connection);
    connection.exec(`BEGIN; ${createTables} ${createSearchTables} COMMIT`);
    connection.pragma(`application_id = ${listSchema.application_id}`);
    connection.pragma(`user_version = ${listSchema.version}`);
    connection.prepare("INSERT INTO checkpoint VALUES (1, '', 0, '', ?, 0, 0)").run(incidentListFold.version);
    return new ReadDatabase(connection);
  }

  /**
   * Opens an existing list. Throws `UnusableReadDatabase`, or SQLite's own error, where the file is damaged, of another
   * schema or folded by another version.
   */
  static open(file: string): ReadDatabase {
    const connection = new Database(file, { fileMustExist: true });
    try {
      refuseForeign(connection);
      keepFileForOwner(file);
      setUp(connection);
      const database = new ReadDatabase(connection);
      // Texts that were erased just before a crash must not outlive it in what is left of the WAL.
      database.forgetErased();
      return database;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** For reading in the same process, where the database is in memory. */
  get connection(): Database.Database {
    return this.#connection;
  }

  /** An incident as its row holds it; null: it has none; undefined: the row is damaged. */
  find(number: number): ListedIncident | null | undefined {
    const row = this.#select.get(number);
    return row === undefined ? null : (decodeRow(row) ?? undefined);
  }

  /**
   * Writes what became of incidents, and how far that was folded, at once. Where texts of some were `erased`, nothing of
   * them is left in the file or its WAL afterwards; where a reader is in the way, that is tried again with every batch.
   */
  write(
    changes: readonly ListChange[],
    checkpoint: Omit<Checkpoint, "complete">,
    { erased = [], appearances = [] }: BatchEffects = {},
  ): void {
    this.#atOnce(() => {
      for (const change of changes) this.#writeChange(change);
      for (const { team, number } of appearances) this.#putOrdinal.run({ team, number });
      this.#search.write(changes, this.#checkpoint.complete);
      this.#measures.write(changes);
      if (erased.length > 0) this.#upkeep.noteErased();
      this.#setCheckpoint({ ...checkpoint, complete: this.#checkpoint.complete });
    });
    this.forgetErased();
    this.#upkeep.shortenWal();
  }

  /** Whether the WAL may hold something that was erased, because a reader is in the way. */
  get holds_erased(): boolean {
    return this.#upkeep.holds_erased;
  }

  /** Cuts the WAL, if it may hold something that was erased. */
  forgetErased(): void {
    this.#upkeep.forgetErased();
  }

  /** Ends a build: labels, indexes and what is searched are made, and the list can be asked from now on. */
  complete(): void {
    this.#atOnce(() => {
      this.#connection.exec(`${fillLabels}; ${createIndexes}`);
      this.#search.fill();
      this.#setCheckpoint({ ...this.#checkpoint, complete: true });
    });
  }

  /**
   * What is wrong with the file: its tables, its pages, or an index that does not agree with its table. Null: nothing. It
   * reads the whole file, a few seconds for a million incidents.
   */
  damage(): string | null {
    if (tablesOf(this.#connection) !== expectedTables(this.#checkpoint.complete)) return "its tables are other ones";
    const [first] = this.#connection.prepare<[], string>("PRAGMA integrity_check(1)").pluck().all();
    if (first !== "ok") return first ?? "no answer";
    const halves = "SELECT (SELECT count(*) FROM incidents) - (SELECT count(*) FROM states)";
    return this.#connection.prepare<[], number>(halves).pluck().get() === 0 ? null : "some rows have lost a half";
  }

  close(): void {
    this.#connection.close();
    this.#upkeep.close();
  }

  #atOnce(work: () => void): void {
    this.#connection.transaction(work).immediate();
  }

  #setCheckpoint(checkpoint: Checkpoint): void {
    this.#writeCheckpoint.run({ ...checkpoint, complete_flag: checkpoint.complete ? 1 : 0 });
    this.#checkpoint = checkpoint;
  }

  #writeChange({ number, before, after }: ListChange): void {
    if (this.#checkpoint.complete) this.#writeLabels(number, before, isListed(after) ? after : null);
    if (!isListed(after)) {
      if (before === null) return;
      this.#deleteColumns.run(number);
      this.#deleteState.run(number);
      return;
    }
    const row = encodeRow(after);
    this.#putState.run(row);
    if (before === null || before === undefined || !keepsPlace(before, after)) this.#putColumns.run(row);
    else if (!keepsHolder(before, after)) this.#changeHolder.run(row);
  }

  #writeLabels(number: number, before: ListedIncident | null | undefined, after: ListedIncident | null): void {
    const old = before?.incident.labels ?? {};
    const now = after?.incident.labels ?? {};
    if (before === undefined) this.#deleteLabels.run(number);
    for (const [key, value] of Object.entries(old)) if (now[key] !== value) this.#deleteLabel.run(key, value, number);
    for (const [key, value] of Object.entries(now)) if (old[key] !== value) this.#insertLabel.run(key, value, number);
  }
}

/** Whether what `changeHolder` leaves alone is the same. */
function keepsPlace({ incident: a }: ListedIncident, { incident: b }: ListedIncident): boolean {
  return (
    a.severity === b.severity &&
    a.team === b.team &&
    a.type === b.type &&
    a.source === b.source &&
    a.timestamp === b.timestamp &&
    a.reported_at === b.reported_at
  );
}

function keepsHolder({ incident: a }: ListedIncident, { incident: b }: ListedIncident): boolean {
  return a.status === b.status && a.assigned_to === b.assigned_to;
}
