import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";

const secretLength = 32;

/** What the parts of the vault stand on. */
export interface VaultParts {
  readonly database: SqliteDatabase;
  readonly runtime: Pick<Runtime, "now" | "random" | "uuid" | "after">;
}

/** The secret of this name in the vault: 32 random bytes, made when it is first asked for, the same ever after. */
export function storedSecret(
  { database, runtime }: { readonly database: SqliteDatabase; readonly runtime: Pick<Runtime, "random"> },
  name: string,
): Buffer {
  const select = database.prepare<[string], Buffer>("SELECT value FROM secrets WHERE name = ?").pluck();
  if (select.get(name) === undefined) {
    // Another process may be doing the same: the first one's stays.
    const insert = database.prepare("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING");
    insert.run(name, runtime.random(secretLength));
  }
  const value = select.get(name);
  if (value === undefined) throw new Error(`The vault did not keep the secret ${name}.`);
  return value;
}
