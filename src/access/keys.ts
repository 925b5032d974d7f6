import { timingSafeEqual } from "node:crypto";
import type { Statement } from "better-sqlite3";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { isKey, keyBytes, keyHash, keyOf } from "./api-key.ts";
import { nextNumber } from "./next-number.ts";

/** An API key as it is known to the vault: everything but the key. What it may do, the ledger says. */
export interface KnownKey {
  /** 1, 2, 3 … and never used again. */
  readonly key_id: number;
  readonly name: string;
  readonly created_at: string;
  /** When it was revoked, or null. */
  readonly revoked_at: string | null;
  /** The dialect whose paths it opens; null: it is for the service's own interface. */
  readonly dialect: string | null;
  /** Whether the secret before the present one is good, too: a rotation is under way. */
  readonly is_rotating: boolean;
  /** When and from which address it was last used, to the minute; null: not yet. */
  readonly last_used_at: string | null;
  readonly last_used_from: string | null;
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
  /**
   * The highest number that is on record: the new one is above it. A ledger that was imported knows keys that this vault has
   * never had, and whoever got their number would get their rights.
   */
  readonly above?: number;
}

/** A key in the moment in which it is made: it is shown here once and never again. */
export interface FreshKey {
  readonly key_id: number;
  readonly key: string;
}

interface LiveKey extends KeyOwner {
  readonly hash: Buffer;
  readonly previous_hash: Buffer | null;
}

interface Row extends Omit<KnownKey, "is_rotating"> {
  readonly is_rotating: number;
}

const longestName = 200;
const columns =
  "key_id, name, created_at, revoked_at, dialect, previous_hash IS NOT NULL AS is_rotating, last_used_at, last_used_from";

/** The keys of programs. Their secrets stand here as hashes only. Times are instants. */
export class Keys {
  readonly #database: SqliteDatabase;
  readonly #random: (length: number) => Uint8Array;
  readonly #dataVersion: Statement<[], number>;
  readonly #selectLive: Statement<[], LiveKey>;
  readonly #selectOwner: Statement<[Buffer], number>;
  /** The keys that are not revoked, by their hashes: reading them on every request would be slow. */
  #live: ReadonlyMap<string, LiveKey> | null = null;
  #seen = -1;

  constructor({ database, runtime }: { readonly database: SqliteDatabase; readonly runtime: Pick<Runtime, "random"> }) {
    this.#database = database;
    this.#random = (length) => runtime.random(length);
    this.#dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();
    this.#selectLive = database.prepare(
      "SELECT key_id, name, dialect, hash, previous_hash FROM keys WHERE revoked_at IS NULL",
    );
    this.#selectOwner = database.prepare<[Buffer], number>("SELECT key_id FROM keys WHERE hash = ?").pluck();
  }

  /** Makes a key. It may do nothing before the ledger has it, too. */
  async create({ name, at, dialect, above = 0 }: NewKey): Promise<FreshKey> {
    if (name.length === 0 || name.length > longestName) {
      throw new RangeError(`A key's name has 1 to ${longestName} characters.`);
    }
    const key = keyOf(this.#random(keyBytes));
    const insert = this.#database.prepare(
      `INSERT INTO keys (key_id, name, hash, created_at, dialect, is_from_before) VALUES (${nextNumber("keys")}, ?, ?, ?, ?, 0)`,
    );
    const { lastInsertRowid } = insert.run(above, name, hashOf(key), at, dialect ?? null);
    this.#live = null;
    return { key_id: Number(lastInsertRowid), key };
  }

  /** Undoes a `create` whose event was refused. The number is not given again. */
  async remove(key_id: number): Promise<void> {
    this.#database.prepare("DELETE FROM keys WHERE key_id = ?").run(key_id);
    this.#live = null;
  }

  /** Whose key this is; null where it is none of ours or was revoked, here or by another process, however lately. */
  async find(presented: string): Promise<KeyOwner | null> {
    if (!isKey(presented)) return null;
    const hash = keyHash(presented);
    // Found by its hash, which nobody can steer towards another's; the bytes are compared in constant time all the same.
    const live = this.#liveKeys().get(hash);
    const bytes = Buffer.from(hash, "hex");
    if (live === undefined || ![live.hash, live.previous_hash].some((kept) => kept && timingSafeEqual(kept, bytes))) {
      return null;
    }
    return { key_id: live.key_id, name: live.name, dialect: live.dialect };
  }

  /**
   * Whose key this is or was, whatever it is good for by now; null where it is none of ours, or a secret that was rotated away. It
   * lets nobody in: it is for the record of who was turned away.
   */
  async ownerOf(presented: string): Promise<number | null> {
    const live = await this.find(presented);
    if (live !== null) return live.key_id;
    return isKey(presented) ? (this.#selectOwner.get(hashOf(presented)) ?? null) : null;
  }

  /** All keys that ever were, oldest first. */
  async list(): Promise<readonly KnownKey[]> {
    const select = this.#database.prepare<[], Row>(`SELECT ${columns} FROM keys ORDER BY key_id`);
    return select.all().map(known);
  }

  /** The key of this number, or null. */
  async get(key_id: number): Promise<KnownKey | null> {
    const row = this.#database.prepare<[number], Row>(`SELECT ${columns} FROM keys WHERE key_id = ?`).get(key_id);
    return row === undefined ? null : known(row);
  }

  /** Revokes a key from now on. False where there is no such key or it was revoked before. `at`: an instant. */
  async revoke(key_id: number, at: string): Promise<boolean> {
    const update = this.#database.prepare(
      "UPDATE keys SET revoked_at = ?, previous_hash = NULL WHERE key_id = ? AND revoked_at IS NULL",
    );
    const { changes } = update.run(at, key_id);
    this.#live = null;
    return changes === 1;
  }

  /**
   * Gives a key a new secret. The one before stays good until `endPrevious`, so that whoever uses it can change over. Null where
   * there is no such key or it was revoked. That there are never more than two, the ledger sees to.
   */
  async rotate(key_id: number): Promise<FreshKey | null> {
    const key = keyOf(this.#random(keyBytes));
    const update = this.#database.prepare(
      "UPDATE keys SET previous_hash = hash, hash = ? WHERE key_id = ? AND revoked_at IS NULL",
    );
    const { changes } = update.run(hashOf(key), key_id);
    this.#live = null;
    return changes === 1 ? { key_id, key } : null;
  }

  /** Ends the secret before the present one. False where there is none. */
  async endPrevious(key_id: number): Promise<boolean> {
    const update = this.#database.prepare(
      "UPDATE keys SET previous_hash = NULL WHERE key_id = ? AND previous_hash IS NOT NULL",
    );
    const { changes } = update.run(key_id);
    this.#live = null;
    return changes === 1;
  }

  /** The keys that were made before the ledger had any, and that are not revoked. */
  async fromBefore(): Promise<readonly KeyOwner[]> {
    const select = "SELECT key_id, name, dialect FROM keys WHERE is_from_before = 1 AND revoked_at IS NULL";
    return this.#database.prepare<[], KeyOwner>(select).all();
  }

  /** Such a key is on record now. */
  async markRecorded(key_id: number): Promise<void> {
    this.#database.prepare("UPDATE keys SET is_from_before = 0 WHERE key_id = ?").run(key_id);
  }

  /** Notes when keys were last used, and from where. */
  async noteUses(uses: ReadonlyMap<number, { readonly at: string; readonly from: string }>): Promise<void> {
    const update = this.#database.prepare("UPDATE keys SET last_used_at = ?, last_used_from = ? WHERE key_id = ?");
    this.#database.transaction(() => {
      for (const [key_id, { at, from }] of uses) update.run(at, from, key_id);
    })();
  }

  #liveKeys(): ReadonlyMap<string, LiveKey> {
    // The pragma's value changes when another connection has committed, and costs next to nothing to ask for.
    const seen = this.#dataVersion.get() ?? -1;
    if (this.#live === null || seen !== this.#seen) {
      const live = new Map<string, LiveKey>();
      for (const key of this.#selectLive.all()) {
        live.set(key.hash.toString("hex"), key);
        if (key.previous_hash !== null) live.set(key.previous_hash.toString("hex"), key);
      }
      this.#live = live;
      this.#seen = seen;
    }
    return this.#live;
  }
}

function known({ is_rotating, ...row }: Row): KnownKey {
  return { ...row, is_rotating: is_rotating === 1 };
}

function hashOf(key: string): Buffer {
  return Buffer.from(keyHash(key), "hex");
}
