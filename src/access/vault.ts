import { openDurable, type SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Keys } from "./keys.ts";
import { vaultFile } from "./vault-tables.ts";

/** Where the vault is, and where its randomness comes from. */
export interface VaultOptions {
  readonly file: string;
  readonly runtime: Pick<Runtime, "random">;
}

const secretLength = 32;

/**
 * The one mutable store: secrets and API keys. The port is asynchronous, so that a vault in a database on another machine
 * fits behind it. Its file is for its owner only.
 */
export class Vault {
  /** The keys of programs. */
  readonly keys: Keys;
  readonly #database: SqliteDatabase;
  readonly #random: (length: number) => Uint8Array;
  readonly #secrets = new Map<string, Buffer>();

  /** Prefer `openVault`. */
  constructor({ file, runtime }: VaultOptions) {
    this.#random = (length) => runtime.random(length);
    this.#database = openDurable(vaultFile, { file });
    this.keys = new Keys({ database: this.#database, runtime });
  }

  /** The secret of this name: 32 random bytes, made when it is first asked for, the same ever after. */
  async secret(name: string): Promise<Buffer> {
    const known = this.#secrets.get(name);
    if (known !== undefined) return Buffer.from(known);
    const select = this.#database.prepare<[string], Buffer>("SELECT value FROM secrets WHERE name = ?").pluck();
    if (select.get(name) === undefined) {
      // Another process may be doing the same: the first one's stays.
      const insert = this.#database.prepare("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING");
      insert.run(name, this.#random(secretLength));
    }
    const value = select.get(name);
    if (value === undefined) throw new Error(`The vault did not keep the secret ${name}.`);
    this.#secrets.set(name, value);
    return Buffer.from(value);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

/** Opens the vault in this file, and makes it where there is none. Throws with a sentence where it cannot be opened. */
export function openVault(options: VaultOptions): Vault {
  return new Vault(options);
}
