import type { Statement } from "better-sqlite3";
import { incidentOfStream } from "../../../events/stream.ts";
import { digestOf, eventHash } from "../chain.ts";
import type { EncodedEvent } from "../event-codec.ts";
import { type AppendResult, forgottenAtOnce, type Head, type IdempotencyRecord } from "../ledger.ts";
import { InvalidCommit } from "../ledger-errors.ts";
import {
  checkErasures,
  checkTime,
  checkVersions,
  type ErasableEvent,
  type PreparedCommits,
  previousHash,
} from "../prepared-commits.ts";
import type { SqliteDatabase } from "./durable-database.ts";

type HeadRow = [position: number, hash: Buffer, recorded_at: string, rules: number];

/** Reads the head row, and its hash as bytes. */
export class HeadReader {
  readonly #select: Statement<[], HeadRow>;

  constructor(database: SqliteDatabase) {
    this.#select = database.prepare<[], HeadRow>("SELECT position, hash, recorded_at, rules FROM head").raw();
  }

  /** Throws where the head row is gone, which no code of ours does. */
  read(): { readonly head: Head; readonly hash: Buffer } {
    const row = this.#select.get();
    if (row === undefined) throw new Error("The ledger has lost its head row.");
    const [position, hash, recorded_at, rules] = row;
    return { head: { position, hash: hash.toString("hex"), recorded_at, rules }, hash };
  }
}

/** The writing half of the adapter: one transaction per call, statements prepared once. */
export class SqliteWriter {
  readonly #database: SqliteDatabase;
  readonly #head: HeadReader;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #insert: Statement;
  readonly #moveHead: Statement;
  readonly #erasable: Statement<[number], [stream: string, had_text: number]>;
  readonly #erase: Statement;
  readonly #remember: Statement;
  readonly #forget: Statement;
  readonly #probe: Statement;
  readonly #latestOfIncident: Statement<[number], number>;
  readonly #latestOfOther: Statement<[string], number>;

  constructor(database: SqliteDatabase, head: HeadReader) {
    this.#database = database;
    this.#head = head;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.#insert = database.prepare(
      `INSERT INTO events (position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data,
        text, text_salt, text_digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#moveHead = database.prepare("UPDATE head SET position = ?, hash = ?, recorded_at = ?, rules = ?");
    this.#erasable = database
      .prepare<[number], [stream: string, had_text: number]>(
        "SELECT stream, text_digest IS NOT NULL FROM events WHERE position = ?",
      )
      .raw();
    this.#erase = database.prepare(
      "UPDATE events SET text = NULL, text_salt = NULL WHERE position = ? AND text IS NOT NULL",
    );
    this.#remember = database.prepare(
      `INSERT INTO idempotency (scope, key, fingerprint, status, stream, version, position, queue_position, recorded_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
          stream = excluded.stream, version = excluded.version, position = excluded.position,
          queue_position = excluded.queue_position, recorded_at = excluded.recorded_at`,
    );
    this.#forget = database.prepare(
      `DELETE FROM idempotency WHERE (scope, key) IN
        (SELECT scope, key FROM idempotency WHERE recorded_at < ? ORDER BY recorded_at LIMIT ${forgottenAtOnce})`,
    );
    this.#probe = database.prepare("UPDATE head SET probes = probes + 1");
    this.#latestOfIncident = database
      .prepare<[number], number>(
        "SELECT version FROM events WHERE incident = ? AND incident IS NOT NULL ORDER BY version DESC LIMIT 1",
      )
      .pluck();
    this.#latestOfOther = database
      .prepare<[string], number>(
        "SELECT version FROM events WHERE stream = ? AND incident IS NULL ORDER BY position DESC LIMIT 1",
      )
      .pluck();
  }

  /** Appends in one transaction if the head is where it was expected; else writes nothing. */
  append(expected: number, prepared: PreparedCommits, keys: readonly IdempotencyRecord[]): AppendResult {
    return this.#transaction(() => {
      const { head, hash } = this.#head.read();
      if (head.position !== expected) return { appended: false, head };
      checkTime(head, prepared);
      checkVersions(prepared.events, (stream, version) => this.#latestVersion(stream, version));
      checkErasures(prepared, (position) => this.#findErasable(position));
      const last_hash = this.#insertAll(prepared.events, hash);
      for (const key of keys) this.#rememberKey(key);
      for (const { erased } of prepared.erasures) this.#erase.run(erased);
      const position = expected + prepared.events.length;
      const { last_recorded_at: recorded_at, rules } = prepared;
      this.#moveHead.run(position, last_hash, recorded_at, rules);
      return { appended: true, head: { position, hash: last_hash.toString("hex"), recorded_at, rules } };
    });
  }

  /** Drops idempotency records from before that time, at most `forgottenAtOnce`; returns how many. */
  forget(before: string): number {
    return this.#transaction(() => this.#forget.run(before).changes);
  }

  /** Writes and syncs something that means nothing. */
  probe(): void {
    this.#transaction(() => this.#probe.run());
  }

  #transaction<Result>(work: () => Result): Result {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // SQLite has already rolled back by itself after some errors, a full disk for one.
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  #insertAll(events: readonly EncodedEvent[], head_hash: Buffer): Buffer {
    let hash: Buffer = Buffer.from(previousHash(head_hash, events));
    for (const event of events) {
      const text_digest = digestOf(event);
      hash = eventHash({ ...event, text_digest }, hash);
      this.#insertOne(event, text_digest, hash);
    }
    return hash;
  }

  #insertOne(event: EncodedEvent, text_digest: Buffer | null, hash: Buffer): void {
    try {
      this.#insert.run(
        event.position,
        event.stream,
        event.version,
        event.type,
        event.schema_version,
        event.recorded_at,
        event.actor,
        event.command_id,
        event.meta,
        event.data,
        event.text,
        event.text_salt,
        text_digest,
        hash,
      );
    } catch (error) {
      throw explained(error, event);
    }
  }

  #latestVersion(stream: string, version: number): number {
    const incident = incidentOfStream(stream);
    // That nothing came before is for the unique index to say: a report need not be looked up as well.
    if (incident !== null && version === 1) return 0;
    return (incident === null ? this.#latestOfOther.get(stream) : this.#latestOfIncident.get(incident)) ?? 0;
  }

  #findErasable(position: number): ErasableEvent | undefined {
    const row = this.#erasable.get(position);
    return row === undefined ? undefined : { stream: row[0], had_text: row[1] === 1 };
  }

  #rememberKey(record: IdempotencyRecord): void {
    this.#remember.run(
      record.scope,
      record.key,
      record.fingerprint,
      record.status,
      record.stream,
      record.version,
      record.position,
      record.queue_position,
      record.recorded_at,
    );
  }
}

/** What a unique index refuses is the caller's mistake; everything else is storage. */
function explained(error: unknown, { position, type, command_id }: EncodedEvent): unknown {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "SQLITE_CONSTRAINT_UNIQUE") return error;
  if (error.message.includes("commits_by_command") || error.message.includes("events.command_id")) {
    return new InvalidCommit(`Command ${command_id} is in the ledger already.`);
  }
  return new InvalidCommit(`${type} cannot be recorded at position ${position}: its incident is there already.`);
}
