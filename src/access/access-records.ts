import type { Statement } from "better-sqlite3";
import { limits } from "../config.ts";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { AccessKind } from "./access-log.ts";
import type { GatheredRow } from "./gathered-access.ts";
import type { VaultParts } from "./stored-secret.ts";

/** What happened at the door, as the vault has it: once, or `count` times between two instants. */
export interface AccessRecord {
  /** 1, 2, 3 … and never used again. */
  readonly id: number;
  readonly kind: AccessKind;
  readonly actor: string | null;
  readonly about_user: number | null;
  /** Null where nobody knows it, and where who it was is erased. */
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly route: string | null;
  readonly status: number | null;
  readonly detail: string | null;
  readonly first_at: string;
  readonly last_at: string;
  readonly count: number;
}

/** Which records are wanted; all conditions hold together. */
export interface AccessFilter {
  readonly actor?: string;
  readonly kinds?: readonly string[];
  /** Done by this user, or to them. */
  readonly user_id?: number;
  readonly key_id?: number;
  /** Instants: what had not ended before the one, and had begun before the other. */
  readonly from?: string;
  readonly to?: string;
}

/** A row that was written, and how much of it. */
export interface WrittenRow {
  readonly row: GatheredRow;
  readonly id: number;
  readonly count: number;
}

const columns = "id, kind, actor, about_user, address, user_agent, route, status, detail, first_at, last_at, count";

/** The access log in the vault. It is bounded, and what strangers cause never drives out what is known of others. */
export class AccessRecords {
  readonly #database: SqliteDatabase;
  readonly #insert: Statement<[object]>;
  readonly #update: Statement<[object]>;
  /** How many there are, and how many of strangers; null: not counted yet. */
  #rows: { all: number; of_strangers: number } | null = null;

  constructor({ database }: Pick<VaultParts, "database">) {
    this.#database = database;
    // Who was erased meanwhile leaves no address any more.
    this.#insert = database.prepare(
      `INSERT INTO access_log (kind, actor, about_user, address, user_agent, route, status, detail, first_at, last_at, count, by_stranger)
       SELECT @kind, @actor, @about_user, iif(is_known, @address, NULL), iif(is_known, @user_agent, NULL),
              @route, @status, @detail, @first_at, @last_at, @count, @by_stranger
       FROM (SELECT @user IS NULL OR EXISTS (SELECT 1 FROM users WHERE user_id = @user) AS is_known)`,
    );
    this.#update = database.prepare("UPDATE access_log SET count = count + @count, last_at = @last_at WHERE id = @id");
  }

  /** Writes what was gathered, all or nothing. */
  async write(rows: readonly GatheredRow[]): Promise<readonly WrittenRow[]> {
    try {
      return this.#database
        .transaction(() => {
          const written = rows.map((row) => this.#writeRow(row));
          this.#makeRoom();
          return written;
        })
        .immediate();
    } catch (error) {
      this.#rows = null;
      throw error;
    }
  }

  /** Drops what ended before this instant. */
  async dropBefore(instant: string): Promise<void> {
    this.#database.prepare("DELETE FROM access_log WHERE first_at < @instant AND last_at < @instant").run({ instant });
    this.#rows = null;
  }

  /** One page, the latest to begin first, of what comes after `after` in that order. */
  async page(
    filter: AccessFilter,
    after: { readonly first_at: string; readonly id: number } | null,
    limit: number,
  ): Promise<readonly AccessRecord[]> {
    const { where, values } = conditionsOf(filter);
    const rest = after === null ? "" : " AND (first_at, id) < (@after_at, @after_id)";
    const place = after === null ? {} : { after_at: after.first_at, after_id: after.id };
    return this.#database
      .prepare<[object], AccessRecord>(
        `SELECT ${columns} FROM access_log WHERE ${where}${rest} ORDER BY first_at DESC, id DESC LIMIT @limit`,
      )
      .all({ ...values, ...place, limit });
  }

  /** How many records match. */
  async count(filter: AccessFilter): Promise<number> {
    const { where, values } = conditionsOf(filter);
    const select = this.#database.prepare<[object], number>(`SELECT count(*) FROM access_log WHERE ${where}`);
    return select.pluck().get(values) ?? 0;
  }

  #writeRow(row: GatheredRow): WrittenRow {
    const { id, unwritten: count, last_at } = row;
    if (id !== null && this.#update.run({ id, count, last_at }).changes === 1) return { row, id, count };
    const first_at = id === null ? row.first_at : last_at;
    const user = /^user:(\d+)$/.exec(row.actor ?? "")?.[1];
    const { kind, actor, about_user, address, user_agent, route, status, detail } = row;
    const { lastInsertRowid } = this.#insert.run({
      ...{ kind, actor, about_user, address, user_agent, route, status, detail },
      ...{ first_at, last_at, count, by_stranger: row.by_stranger ? 1 : 0 },
      user: user === undefined ? null : Number(user),
    });
    if (this.#rows !== null) {
      this.#rows.all += 1;
      if (row.by_stranger) this.#rows.of_strangers += 1;
    }
    return { row, id: Number(lastInsertRowid), count };
  }

  /** Lets go of the oldest: those of strangers where they are more than half, else any. Some more, so that it is seldom done. */
  #makeRoom(): void {
    this.#rows ??= this.#counted();
    const excess = this.#rows.all - limits.access_log_rows;
    if (excess <= 0) return;
    const isFlooded = this.#rows.of_strangers > limits.access_log_rows / 2;
    this.#database
      .prepare(
        `DELETE FROM access_log WHERE id IN (
           SELECT id FROM access_log ${isFlooded ? "WHERE by_stranger = 1" : ""} ORDER BY first_at, id LIMIT ?)`,
      )
      .run(excess + Math.ceil(limits.access_log_rows / 100));
    this.#rows = this.#counted();
  }

  #counted(): { all: number; of_strangers: number } {
    const select = (where: string) => this.#database.prepare<[], number>(`SELECT count(*) FROM access_log ${where}`);
    const all = select("").pluck().get() ?? 0;
    return { all, of_strangers: select("WHERE by_stranger = 1").pluck().get() ?? 0 };
  }
}

function conditionsOf({ actor, kinds, user_id, key_id, from, to }: AccessFilter): { where: string; values: object } {
  const conditions = [
    ...(actor === undefined ? [] : ["actor = @actor"]),
    ...(kinds === undefined ? [] : ["kind IN (SELECT value FROM json_each(@kinds))"]),
    ...(user_id === undefined ? [] : ["(actor = @user OR about_user = @user_id)"]),
    ...(key_id === undefined ? [] : ["actor = @key"]),
    ...(from === undefined ? [] : ["last_at >= @from"]),
    ...(to === undefined ? [] : ["first_at < @to"]),
  ];
  const values = {
    ...(actor === undefined ? {} : { actor }),
    ...(kinds === undefined ? {} : { kinds: JSON.stringify(kinds) }),
    ...(user_id === undefined ? {} : { user: `user:${user_id}`, user_id }),
    ...(key_id === undefined ? {} : { key: `key:${key_id}` }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  return { where: conditions.length === 0 ? "true" : conditions.join(" AND "), values };
}
