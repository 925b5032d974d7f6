import type { Statement } from "better-sqlite3";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import { truncateWal } from "../ledger/sqlite/truncate-wal.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { accountKey } from "./attempt-keys.ts";
import { canonicalEmail } from "./email-address.ts";
import { nextNumber } from "./next-number.ts";
import { storedSecret, type VaultParts } from "./stored-secret.ts";

/** What the vault knows of a user, but for the hash of their password. Times are instants. */
export interface Account {
  /** 1, 2, 3 … and never used again. */
  readonly user_id: number;
  /** In canonical form. */
  readonly email: string;
  readonly full_name: string | null;
  readonly phone: string | null;
  /** Null: they have no password yet. */
  readonly password_changed_at: string | null;
  readonly created_at: string;
}

/** A user to be. */
export interface NewAccount {
  readonly email: string;
  readonly full_name?: string | null;
  readonly phone?: string | null;
  /** An instant. */
  readonly at: string;
  /** The highest number that is on record: the new one is above it, for an imported ledger knows users that this vault never had. */
  readonly above?: number;
}

/** What of an account is to change; what is not named stays. */
export interface AccountChanges {
  readonly email?: string;
  readonly full_name?: string | null;
  readonly phone?: string | null;
}

const longestName = 200;
const longestPhone = 40;
/** How long an erasure waits for those who read the file, in all and between two looks, in milliseconds. */
const longestWait_ms = 5000;
const look_ms = 50;

const columns = "user_id, email, full_name, phone, password_changed_at, created_at";

/**
 * What is personal of a user: e-mail address, names, phone number, the hash of the password. Role, teams and whether they
 * are active are in the ledger.
 */
export class Accounts {
  readonly #database: SqliteDatabase;
  readonly #runtime: Pick<Runtime, "after">;
  readonly #secret: Buffer;
  readonly #byId: Statement<[number], Account>;
  readonly #byIds: Statement<[string], Account>;
  readonly #byEmail: Statement<[string], Account>;

  constructor(parts: VaultParts) {
    this.#database = parts.database;
    this.#runtime = parts.runtime;
    this.#secret = storedSecret(parts, "attempts");
    this.#byId = this.#database.prepare(`SELECT ${columns} FROM users WHERE user_id = ?`);
    this.#byIds = this.#database.prepare(
      `SELECT ${columns} FROM users WHERE user_id IN (SELECT value FROM json_each(?))`,
    );
    this.#byEmail = this.#database.prepare(`SELECT ${columns} FROM users WHERE email = ?`);
  }

  /** Makes an account and gives its number. Throws a RangeError where a field is impossible; the edge has said so before. */
  async create({ email, full_name = null, phone = null, at, above = 0 }: NewAccount): Promise<number | "email-taken"> {
    const kept = checked({ email, full_name, phone });
    const insert = this.#database.prepare(
      `INSERT INTO users (user_id, email, full_name, phone, created_at) VALUES (${nextNumber("users")}, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
    );
    const { changes, lastInsertRowid } = insert.run(above, kept.email, full_name, phone, at);
    return changes === 0 ? "email-taken" : Number(lastInsertRowid);
  }

  /** Makes an account for a user who is on record and whom this vault does not know, as after an import. */
  async restore(
    user_id: number,
    { email, full_name = null, phone = null, at }: NewAccount,
  ): Promise<"done" | "email-taken"> {
    const kept = checked({ email, full_name, phone });
    const insert = this.#database.prepare(
      "INSERT INTO users (user_id, email, full_name, phone, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    );
    return insert.run(user_id, kept.email, full_name, phone, at).changes === 1 ? "done" : "email-taken";
  }

  /** Undoes a `create` whose event was refused. The number is not given again. */
  async remove(user_id: number): Promise<void> {
    this.#deleteRows(user_id);
  }

  /** The account of this number, or null. */
  async get(user_id: number): Promise<Account | null> {
    return this.#byId.get(user_id) ?? null;
  }

  /** The accounts that there are of these numbers, by number: one question, however many they are. */
  async getMany(user_ids: readonly number[]): Promise<ReadonlyMap<number, Account>> {
    const found = this.#byIds.all(JSON.stringify(user_ids));
    return new Map(found.map((account) => [account.user_id, account]));
  }

  /** All accounts, by number. */
  async list(): Promise<readonly Account[]> {
    return this.#database.prepare<[], Account>(`SELECT ${columns} FROM users ORDER BY user_id`).all();
  }

  /** Whose address this is, however it is written; null where it is nobody's, or no address. */
  async findByEmail(email: string): Promise<Account | null> {
    const canonical = canonicalEmail(email);
    // The look is taken in any case, so that an impossible address takes no less time.
    return this.#byEmail.get(canonical ?? "") ?? null;
  }

  /** The hash of a user's password as a PHC string; null where there is none. */
  async passwordHash(user_id: number): Promise<string | null> {
    const select = this.#database.prepare<[number], string | null>("SELECT password_hash FROM users WHERE user_id = ?");
    return select.pluck().get(user_id) ?? null;
  }

  /** Changes what is named. With another address, the links that were sent to the old one end. */
  async edit(user_id: number, changes: AccountChanges): Promise<"done" | "email-taken" | "missing"> {
    return this.#database
      .transaction(() => {
        const account = this.#byId.get(user_id);
        if (account === undefined) return "missing";
        const { full_name = account.full_name, phone = account.phone } = changes;
        const { email } = checked({ email: changes.email ?? account.email, full_name, phone });
        const holder = this.#byEmail.get(email);
        if (holder !== undefined && holder.user_id !== user_id) return "email-taken";
        const update = this.#database.prepare("UPDATE users SET email = ?, full_name = ?, phone = ? WHERE user_id = ?");
        update.run(email, full_name, phone, user_id);
        if (email !== account.email) this.#database.prepare("DELETE FROM links WHERE user_id = ?").run(user_id);
        return "done";
      })
      .immediate();
  }

  /** Keeps the hash of a new password; `at` is an instant. False: no such user. */
  async setPassword(user_id: number, password_hash: string, at: string): Promise<boolean> {
    const update = this.#database.prepare(
      "UPDATE users SET password_hash = ?, password_changed_at = ? WHERE user_id = ?",
    );
    return update.run(password_hash, at, user_id).changes === 1;
  }

  /** Keeps another hash of the same password, unless there is another password by now. */
  async renewHash(user_id: number, old_hash: string, password_hash: string): Promise<void> {
    const update = this.#database.prepare("UPDATE users SET password_hash = ? WHERE user_id = ? AND password_hash = ?");
    update.run(password_hash, user_id, old_hash);
  }

  /**
   * Takes everything personal of a user out of the vault, and then out of its files. True when no file holds any of it any
   * more; false where somebody reads the file for so long that it could not be cut: it goes with the next checkpoint.
   * May be repeated.
   */
  async erase(user_id: number): Promise<boolean> {
    this.#deleteRows(user_id);
    for (let waited_ms = 0; waited_ms <= longestWait_ms; waited_ms += look_ms) {
      if (truncateWal(this.#database)) return true;
      await new Promise<void>((resolve) => {
        this.#runtime.after(look_ms, resolve);
      });
    }
    return false;
  }

  /** All rows of a user in all tables, at once. What is deleted is overwritten (`secure_delete`). */
  #deleteRows(user_id: number): void {
    this.#database
      .transaction(() => {
        const account = this.#byId.get(user_id);
        if (account !== undefined) {
          const key = accountKey(this.#secret, account.email);
          this.#database.prepare("DELETE FROM attempts WHERE account = ?").run(key);
        }
        // What they did stays, with their number; where they were does not.
        this.#database
          .prepare("UPDATE access_log SET address = NULL, user_agent = NULL WHERE actor = ?")
          .run(`user:${user_id}`);
        for (const table of ["sessions", "links", "users"]) {
          this.#database.prepare(`DELETE FROM ${table} WHERE user_id = ?`).run(user_id);
        }
      })
      .immediate();
  }
}

function checked({ email, full_name, phone }: Pick<Account, "email" | "full_name" | "phone">): { email: string } {
  const canonical = canonicalEmail(email);
  if (canonical === null) throw new RangeError("This is no e-mail address.");
  if ((full_name?.length ?? 0) > longestName) throw new RangeError(`A name has at most ${longestName} characters.`);
  if ((phone?.length ?? 0) > longestPhone)
    throw new RangeError(`A phone number has at most ${longestPhone} characters.`);
  return { email: canonical };
}
