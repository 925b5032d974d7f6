import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import Database, { type Statement } from "better-sqlite3";
import { openDurable, type SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import { ledgerFile } from "../ledger/sqlite/ledger-tables.ts";
import { truncateWal } from "../ledger/sqlite/truncate-wal.ts";
import type { EventLine } from "./event-line.ts";
import { WrongContent } from "./wrong-content.ts";

const transaction_events = 5000;

/** Writes checked events, exactly as they were stored elsewhere, into a new ledger's file. */
export class LedgerBuilder {
  readonly #file: string;
  readonly #database: SqliteDatabase;
  readonly #insert: Statement;
  #last: EventLine | null = null;

  /** Makes the file; one that is there already is removed. */
  constructor(file: string) {
    this.#file = file;
    removeDatabase(file);
    this.#database = openDurable(ledgerFile, { file });
    this.#insert = this.#database.prepare(
      `INSERT INTO events (position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data,
        text, text_salt, text_digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#database.exec("BEGIN IMMEDIATE");
  }

  /** Adds the next event. Throws `WrongContent` where its command or its incident is there already. */
  add(event: EventLine): void {
    const { position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data, text } = event;
    const { text_salt, text_digest, hash } = event;
    const texts = [text, bytesOf(text_salt), bytesOf(text_digest)];
    const surroundings = [position, stream, version, type, schema_version, recorded_at, actor, command_id];
    try {
      this.#insert.run(...surroundings, meta, data, ...texts, Buffer.from(hash, "hex"));
      if (position % transaction_events === 0) this.#database.exec("COMMIT; BEGIN IMMEDIATE");
    } catch (error) {
      throw explained(error, position);
    }
    this.#last = event;
  }

  /** Ends the ledger with the last event as its head, all of it durable in this one file. */
  finish(rules: number): void {
    try {
      const { position = 0, hash = "", recorded_at = "" } = this.#last ?? {};
      this.#database
        .prepare("UPDATE head SET position = ?, hash = ?, recorded_at = ?, rules = ?")
        .run(position, Buffer.from(hash, "hex"), recorded_at, rules);
      this.#database.exec("COMMIT");
      if (!truncateWal(this.#database)) throw new Error("The new ledger cannot be put into one file; import again.");
    } catch (error) {
      throw explained(error, this.#last?.position ?? 0);
    }
    this.#database.close();
    syncFile(this.#file);
  }

  /** Lets go of the file, and removes it. Does nothing to one that is finished and has another name by now. */
  drop(): void {
    this.#database.close();
    removeDatabase(this.#file);
  }
}

/** Removes a SQLite file with what belongs to it. */
export function removeDatabase(file: string): void {
  for (const part of [`${file}-wal`, `${file}-shm`, `${file}-journal`, file]) rmSync(part, { force: true });
}

/** Makes a file's content durable. */
export function syncFile(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function bytesOf(hex: string | null): Buffer | null {
  return hex === null ? null : Buffer.from(hex, "hex");
}

function explained(error: unknown, position: number): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code.startsWith("SQLITE_CONSTRAINT")) {
    return WrongContent.at(position + 1, "its command, its incident or its version is in the ledger already");
  }
  return new Error(`The new ledger cannot be written: ${error.message} (${error.code}).`, { cause: error });
}
