import { limits } from "../config.ts";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { VaultParts } from "./stored-secret.ts";

/** From which networks each key has been used: so many of them, the latest. The administrator's key has the number 0. */
export class KeyNetworks {
  readonly #database: SqliteDatabase;

  constructor({ database }: Pick<VaultParts, "database">) {
    this.#database = database;
  }

  /** The networks of a key, the first seen first. */
  async of(key_id: number): Promise<readonly string[]> {
    const select = this.#database.prepare<[number], string>(
      "SELECT network FROM key_networks WHERE key_id = ? ORDER BY seen_at, network",
    );
    return select.pluck().all(key_id);
  }

  /** Adds a network that was seen at an instant; beyond the limit the one that was seen first goes. */
  async add(key_id: number, network: string, at: string): Promise<void> {
    this.#database
      .transaction(() => {
        this.#database
          .prepare("INSERT INTO key_networks (key_id, network, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
          .run(key_id, network, at);
        this.#database
          .prepare(
            `DELETE FROM key_networks WHERE key_id = @key_id AND network IN (
               SELECT network FROM key_networks WHERE key_id = @key_id
               ORDER BY seen_at DESC, network DESC LIMIT -1 OFFSET @most)`,
          )
          .run({ key_id, most: limits.key_networks });
      })
      .immediate();
  }
}
