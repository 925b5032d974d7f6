import { join } from "node:path";
import Database from "better-sqlite3";

/** Everything that chain and head cover, an event a line and the head last; null where SQLite cannot read it. */
export function contentOf(data_dir: string): string | null {
  let database: Database.Database | undefined;
  try {
    database = new Database(join(data_dir, "ledger.db"), { readonly: true });
    const events = database.prepare(
      `SELECT position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data, text,
        text_salt, text_digest, hash FROM events NOT INDEXED`,
    );
    const head = database.prepare("SELECT position, hash, recorded_at, rules FROM head");
    return [...events.all(), ...head.all()].map((row) => JSON.stringify(row)).join("\n");
  } catch {
    return null;
  } finally {
    database?.close();
  }
}

/** Whether a ledger's content is a beginning of another's. */
export function isPrefixOf(content: string, whole: string): boolean {
  const events = content.split("\n").slice(0, -1);
  const all = whole.split("\n");
  return events.every((line, index) => line === all[index]);
}
