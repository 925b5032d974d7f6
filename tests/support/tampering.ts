import { join } from "node:path";
import Database from "better-sqlite3";
import { eventHash, textDigest } from "../../src/ledger/chain.ts";
import { freshDirectory } from "./run-cli.ts";

/** An event's row, as far as it is hashed. */
interface Row {
  position: number;
  stream: string;
  version: number;
  type: string;
  schema_version: number;
  recorded_at: string;
  actor: string;
  command_id: string;
  meta: string;
  data: string;
  text: string | null;
  text_salt: Buffer | null;
  text_digest: Buffer | null;
  hash: Buffer;
}

const triggers = [
  "events_are_never_deleted",
  "events_are_never_changed",
  "events_are_never_replaced",
  "head_is_never_deleted",
  "head_only_moves_forward",
];

/** The SQL that takes away what keeps people from changing a ledger by mistake. */
export const dropTriggers = triggers.map((name) => `DROP TRIGGER ${name};`).join(" ");

/** A copy of a data directory, its ledger changed by SQL once the triggers that forbid it are dropped. */
export function tampered(data_dir: string, change: (database: Database.Database) => void): string {
  const copy = freshDirectory(data_dir);
  const database = new Database(join(copy, "ledger.db"));
  database.exec(dropTriggers);
  change(database);
  database.close();
  return copy;
}

/** The event at a position. */
export function rowAt(database: Database.Database, position: number): Row {
  const row = database.prepare<[number], Row>("SELECT * FROM events WHERE position = ?").get(position);
  if (row === undefined) throw new Error(`there is no event at ${position}`);
  return row;
}

/** Changes the columns of one event and nothing else. */
export function change(database: Database.Database, position: number, columns: Partial<Omit<Row, "position">>): void {
  const names = Object.keys(columns);
  const sets = names.map((name) => `${name} = ?`).join(", ");
  database.prepare(`UPDATE events SET ${sets} WHERE position = ?`).run(...Object.values(columns), position);
}

/** Gives every event from a position on the hash that it now should have, and the head the last one's. */
export function hashAnew(database: Database.Database, from: number): void {
  const last = Number(database.prepare("SELECT max(position) FROM events").pluck().get());
  for (let position = from; position <= last; position += 1) {
    const row = rowAt(database, position);
    const { text, text_salt } = row;
    const digest = text === null || text_salt === null ? row.text_digest : textDigest(text_salt, text);
    const hash = eventHash({ ...row, text_digest: digest }, rowAt(database, position - 1).hash);
    change(database, position, { text_digest: digest, hash });
  }
  const { hash, recorded_at } = rowAt(database, last);
  database.prepare("UPDATE head SET position = ?, hash = ?, recorded_at = ?").run(last, hash, recorded_at);
}
