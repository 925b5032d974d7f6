import { openDurable, type SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { AccessRecords } from "./access-records.ts";
import { Accounts } from "./accounts.ts";
import { Attempts } from "./attempts.ts";
import { ForeignWrites } from "./foreign-writes.ts";
import { KeyNetworks } from "./key-networks.ts";
import { Keys } from "./keys.ts";
import { Links } from "./links.ts";
import { Sessions } from "./sessions.ts";
import { SigningKeys } from "./signing-keys.ts";
import { storedSecret } from "./stored-secret.ts";
import { vaultFile } from "./vault-tables.ts";

/** Where the vault is, and where its randomness comes from. */
export interface VaultOptions {
  readonly file: string;
  readonly runtime: Pick<Runtime, "now" | "random" | "uuid" | "after">;
}

/**
 * The one mutable store: secrets, API keys, and what is personal of users. The port is asynchronous, so that a vault in a
 * database on another machine fits behind it. Its file is for its owner only.
 */
export class Vault {
  /** The keys of programs. */
  readonly keys: Keys;
  /** What is personal of users. */
  readonly accounts: Accounts;
  /** By which people choose a password. */
  readonly links: Links;
  /** Who is signed in. */
  readonly sessions: Sessions;
  /** What signs access tokens. */
  readonly signing_keys: SigningKeys;
  /** How often somebody has tried in vain to sign in. */
  readonly attempts: Attempts;
  /** What happened at the door. */
  readonly access_records: AccessRecords;
  /** From where keys have been used. */
  readonly key_networks: KeyNetworks;
  readonly #database: SqliteDatabase;
  readonly #foreign: ForeignWrites;
  readonly #random: (length: number) => Uint8Array;
  readonly #secrets = new Map<string, Buffer>();

  /** Prefer `openVault`. */
  constructor({ file, runtime }: VaultOptions) {
    this.#random = (length) => runtime.random(length);
    this.#database = openDurable(vaultFile, { file });
    this.#foreign = new ForeignWrites(this.#database);
    const parts = { database: this.#database, runtime };
    this.keys = new Keys(parts);
    this.accounts = new Accounts(parts);
    this.links = new Links(parts);
    this.sessions = new Sessions(parts);
    this.signing_keys = new SigningKeys(parts);
    this.attempts = new Attempts(parts);
    this.access_records = new AccessRecords(parts);
    this.key_networks = new KeyNetworks(parts);
  }

  /** The secret of this name: 32 random bytes, made when it is first asked for, the same ever after. */
  async secret(name: string): Promise<Buffer> {
    const known = this.#secrets.get(name);
    if (known !== undefined) return Buffer.from(known);
    const value = storedSecret({ database: this.#database, runtime: { random: this.#random } }, name);
    this.#secrets.set(name, value);
    return Buffer.from(value);
  }

  /**
   * Whether it is the vault of this ledger; one that has never been asked is from now on. The numbers of users and keys mean
   * something in one ledger alone: in another, somebody else has the rights of that number.
   */
  async belongsTo(ledger_id: string): Promise<boolean> {
    const insert = this.#database.prepare(
      "INSERT INTO secrets (name, value) VALUES ('ledger', ?) ON CONFLICT DO NOTHING",
    );
    insert.run(Buffer.from(ledger_id));
    const select = this.#database.prepare<[], Buffer>("SELECT value FROM secrets WHERE name = 'ledger'").pluck();
    return select.get()?.toString() === ledger_id;
  }

  /** Whether another connection, such as the command line's, has written since the last call. Costs next to nothing. */
  hasForeignWrites(): boolean {
    return this.#foreign.haveHappened();
  }

  /** Has every other connection see that something was written, though no row of the vault had to change. */
  async touch(): Promise<void> {
    const upsert =
      "INSERT INTO secrets (name, value) VALUES ('touched', ?) ON CONFLICT DO UPDATE SET value = excluded.value";
    this.#database.prepare(upsert).run(Buffer.from(this.#random(16)));
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

/** Opens the vault in this file, and makes it where there is none. Throws with a sentence where it cannot be opened. */
export function openVault(options: VaultOptions): Vault {
  return new Vault(options);
}
