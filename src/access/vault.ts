import { timingSafeEqual } from "node:crypto";
import type { Statement } from "better-sqlite3";
import { openDurable, type SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Accounts } from "./accounts.ts";
import { isKey, keyBytes, keyHash, keyOf } from "./api-key.ts";
import { Attempts } from "./attempts.ts";
import { Links } from "./links.ts";
import { Sessions } from "./sessions.ts";
import { SigningKeys } from "./signing-keys.ts";
import { storedSecret } from "./stored-secret.ts";
import { vaultFile } from "./vault-tables.ts";

/** An API key as it is known to the vault: everything but the key. */
export interface KnownKey {
  /** 1, 2, 3 … and never used again. */
  readonly key_id: number;
  readonly name: string;
  readonly created_at: string;
  /** When it was revoked, or null. */
  readonly revoked_at: string | null;
  /** The dialect whose paths it opens; null: it is for the service's own interface. */
  readonly dialect: string | null;
}

/** Whose key was presented. */
export interface KeyOwner {
  readonly key_id: number;
  readonly name: string;
  /** The one dialect that it is good for; null: it is good for the service's own interface alone. */
  readonly dialect: string | null;
}

/** What a key is made for. */
export interface NewKey {
  /** What it is for, 1 to 200 characters. */
  readonly name: string;
  /** An instant. */
  readonly at: string;
  /** The dialect that it is for; without it, the service's own interface. */
  readonly dialect?: string;
}

/** Where the vault is, and where its randomness comes from. */
export interface VaultOptions {
  readonly file: string;
  readonly runtime: Pick<Runtime, "now" | "random" | "uuid" | "after">;
}

interface LiveKey extends KeyOwner {
  readonly hash: Buffer;
}

const longestName = 200;

/**
 * The one mutable store: secrets, API keys, and what is personal of users. The port is asynchronous, so that a vault in a database on another machine
 * fits behind it. Its file is for its owner only.
 */
export class Vault {
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
  readonly #database: SqliteDatabase;
  readonly #random: (length: number) => Uint8Array;
  readonly #dataVersion: Statement<[], number>;
  readonly #selectLive: Statement<[], LiveKey>;
  readonly #secrets = new Map<string, Buffer>();
  /** The keys that are not revoked, by their hash: reading them on every request would be slow. */
  #live: ReadonlyMap<string, LiveKey> | null = null;
  #seen = -1;

  /** Prefer `openVault`. */
  constructor({ file, runtime }: VaultOptions) {
    this.#random = (length) => runtime.random(length);
    this.#database = openDurable(vaultFile, { file });
    this.#dataVersion = this.#database.prepare<[], number>("PRAGMA data_version").pluck();
    this.#selectLive = this.#database.prepare("SELECT key_id, name, dialect, hash FROM keys WHERE revoked_at IS NULL");
    const parts = { database: this.#database, runtime };
    this.accounts = new Accounts(parts);
    this.links = new Links(parts);
    this.sessions = new Sessions(parts);
    this.signing_keys = new SigningKeys(parts);
    this.attempts = new Attempts(parts);
  }

  /** The secret of this name: 32 random bytes, made when it is first asked for, the same ever after. */
  async secret(name: string): Promise<Buffer> {
    const known = this.#secrets.get(name);
    if (known !== undefined) return Buffer.from(known);
    const value = storedSecret({ database: this.#database, runtime: { random: this.#random } }, name);
    this.#secrets.set(name, value);
    return Buffer.from(value);
  }

  /** Makes a key. It is shown here once and never again. */
  async createKey({ name, at, dialect }: NewKey): Promise<{ key_id: number; key: string }> {
    if (name.length === 0 || name.length > longestName) {
      throw new RangeError(`A key's name has 1 to ${longestName} characters.`);
    }
    const key = keyOf(this.#random(keyBytes));
    const insert = this.#database.prepare("INSERT INTO keys (name, hash, created_at, dialect) VALUES (?, ?, ?, ?)");
    const { lastInsertRowid } = insert.run(name, Buffer.from(keyHash(key), "hex"), at, dialect ?? null);
    this.#live = null;
    return { key_id: Number(lastInsertRowid), key };
  }

  /** Whose key this is; null where it is none of ours or was revoked, here or by another process, however lately. */
  async findKey(presented: string): Promise<KeyOwner | null> {
    if (!isKey(presented)) return null;
    const hash = keyHash(presented);
    // Found by its hash, which nobody can steer towards another's; the bytes are compared in constant time all the same.
    const live = this.#liveKeys().get(hash);
    if (live === undefined || !timingSafeEqual(live.hash, Buffer.from(hash, "hex"))) return null;
    return { key_id: live.key_id, name: live.name, dialect: live.dialect };
  }

  /** All keys that ever were, oldest first. */
  async listKeys(): Promise<readonly KnownKey[]> {
    return this.#database
      .prepare<[], KnownKey>("SELECT key_id, name, created_at, revoked_at, dialect FROM keys ORDER BY key_id")
      .all();
  }

  /** Revokes a key from now on. False where there is no such key or it was revoked before. `at`: an instant. */
  async revokeKey(key_id: number, at: string): Promise<boolean> {
    const update = this.#database.prepare("UPDATE keys SET revoked_at = ? WHERE key_id = ? AND revoked_at IS NULL");
    const { changes } = update.run(at, key_id);
    this.#live = null;
    return changes === 1;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #liveKeys(): ReadonlyMap<string, LiveKey> {
    // The pragma's value changes when another connection has committed, and costs next to nothing to ask for.
    const seen = this.#dataVersion.get() ?? -1;
    if (this.#live === null || seen !== this.#seen) {
      this.#live = new Map(this.#selectLive.all().map((key) => [key.hash.toString("hex"), key]));
      this.#seen = seen;
    }
    return this.#live;
  }
}

/** Opens the vault in this file, and makes it where there is none. Throws with a sentence where it cannot be opened. */
export function openVault(options: VaultOptions): Vault {
  return new Vault(options);
}
