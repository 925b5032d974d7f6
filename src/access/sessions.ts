import { timingSafeEqual } from "node:crypto";
import type { Statement } from "better-sqlite3";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { ForeignWrites } from "./foreign-writes.ts";
import { plainAgent } from "./plain-agent.ts";
import { refreshHashes, refreshToken } from "./refresh-token.ts";
import type { VaultParts } from "./stored-secret.ts";

/** A sign-in that goes on: a family of refresh tokens, and the access tokens that came of it. Times are instants. */
export interface Session {
  readonly session_id: string;
  readonly user_id: number;
  readonly created_at: string;
  /** When it was last refreshed. */
  readonly last_used_at: string;
  /** When it ends, unless it is refreshed before; never later than `expires_at`. */
  readonly idle_at: string;
  /** When it ends in any case. */
  readonly expires_at: string;
  /** Where it was last used from. */
  readonly address: string;
  readonly user_agent: string | null;
}

/** From where a session is used. */
export interface Origin {
  readonly address: string;
  readonly user_agent: string | null;
}

/** What became of a refresh token. */
export type Rotation =
  | { readonly kind: "rotated"; readonly session: Session; readonly refresh_token: string }
  /** It had been used before: whoever has the others of its family is signed out now. */
  | { readonly kind: "reused"; readonly session_id: string; readonly user_id: number }
  | { readonly kind: "unknown" };

interface Row extends Session {
  readonly token: Buffer;
  readonly ended_at: string | null;
}

interface Alive {
  readonly user_id: number;
  readonly until: string;
}

/** How long a session may last, in milliseconds. */
export const sessionLife_ms = 30 * 24 * 60 * 60_000;
/** How long a session may go without being refreshed, in milliseconds. */
export const sessionIdle_ms = 7 * 24 * 60 * 60_000;
/** How many sessions one user has at most; the one that was not used for longest ends for a new one. */
export const sessionsPerUser = 50;
const longestAgent = 200;
const longestAddress = 64;
const cachedSessions = 10_000;
/** How many rows of sessions that are over one new session takes away. */
const sweptSessions = 1000;

const columns =
  "session_id, user_id, created_at, last_used_at, idle_at, expires_at, address, user_agent, token, ended_at";

/** Who is signed in. Refresh tokens stand in the vault as hashes only. */
export class Sessions {
  readonly #database: SqliteDatabase;
  readonly #runtime: Pick<Runtime, "now" | "random" | "uuid">;
  readonly #foreign: ForeignWrites;
  readonly #selectAlive: Statement<[string], Row>;
  /** What each request with an access token asks: whether its session is alive. */
  readonly #alive = new Map<string, Alive>();

  constructor({ database, runtime }: VaultParts) {
    this.#database = database;
    this.#runtime = runtime;
    this.#foreign = new ForeignWrites(database);
    this.#selectAlive = database.prepare(`SELECT ${columns} FROM sessions WHERE session_id = ? AND ended_at IS NULL`);
  }

  /** Begins a session, and gives its first refresh token, here and never again. */
  async begin(user_id: number, origin: Origin): Promise<{ session: Session; refresh_token: string }> {
    const now_ms = this.#runtime.now();
    const at = instant(now_ms);
    const token = refreshToken((length) => this.#runtime.random(length));
    const hashes = refreshHashes(token);
    if (hashes === null) throw new Error("a refresh token was made that is none");
    const expires_at = instant(now_ms + sessionLife_ms);
    const idle_at = idleEnd(now_ms, expires_at);
    const times = { created_at: at, last_used_at: at, idle_at, expires_at };
    const session: Session = { session_id: this.#runtime.uuid(), user_id, ...times, ...bounded(origin) };
    this.#database
      .transaction(() => {
        this.#sweep(at);
        this.#makeRoom(user_id);
        this.#database
          .prepare(
            `INSERT INTO sessions
               (session_id, user_id, created_at, last_used_at, idle_at, expires_at, address, user_agent, family, token)
             VALUES
               (@session_id, @user_id, @created_at, @last_used_at, @idle_at, @expires_at, @address, @user_agent, @family, @token)`,
          )
          .run({ ...session, ...hashes });
      })
      .immediate();
    return { session, refresh_token: token };
  }

  /**
   * Takes a refresh token in payment for the next one of its family. One that was used before, also by somebody at the same
   * moment, ends the family: one of the two who hold it is a thief, and nobody can tell which.
   */
  async rotate(presented: string, origin: Origin): Promise<Rotation> {
    const hashes = refreshHashes(presented);
    if (hashes === null) return { kind: "unknown" };
    const now_ms = this.#runtime.now();
    const at = instant(now_ms);
    return this.#database
      .transaction((): Rotation => {
        const found = this.#database
          .prepare<[Buffer], Row>(`SELECT ${columns} FROM sessions WHERE family = ?`)
          .get(hashes.family);
        if (found === undefined || !isOpen(found, at)) return { kind: "unknown" };
        const { token, ended_at: _, ...session } = found;
        const { session_id, user_id } = session;
        if (!timingSafeEqual(token, hashes.token)) {
          this.#end(session_id, at);
          return { kind: "reused", session_id, user_id };
        }
        const refresh_token = refreshToken((length) => this.#runtime.random(length), presented);
        const next = { ...session, ...bounded(origin), last_used_at: at, idle_at: idleEnd(now_ms, session.expires_at) };
        this.#database
          .prepare(
            "UPDATE sessions SET token = ?, last_used_at = ?, idle_at = ?, address = ?, user_agent = ? WHERE session_id = ?",
          )
          .run(refreshHashes(refresh_token)?.token, at, next.idle_at, next.address, next.user_agent, session_id);
        this.#alive.delete(session_id);
        return { kind: "rotated", session: next, refresh_token };
      })
      .immediate();
  }

  /** Whose session this is while it is alive, else null. At once, for each request asks. */
  isAlive(session_id: string): { readonly user_id: number } | null {
    if (this.#foreign.haveHappened()) this.#alive.clear();
    const at = instant(this.#runtime.now());
    const known = this.#alive.get(session_id) ?? this.#lookUp(session_id, at);
    return known !== null && at < known.until ? known : null;
  }

  /** The sessions of a user that are alive, the last used first. */
  async listOf(user_id: number): Promise<readonly Session[]> {
    const at = instant(this.#runtime.now());
    const select = this.#database.prepare<[number], Row>(
      `SELECT ${columns} FROM sessions WHERE user_id = ? ORDER BY last_used_at DESC, session_id DESC`,
    );
    const open = select.all(user_id).filter((row) => isOpen(row, at));
    return open.map(({ token: _, ended_at: __, ...session }) => session);
  }

  /** Ends a session. With `user_id`, only if it is theirs. False where there was none that was alive. */
  async end(session_id: string, user_id?: number): Promise<boolean> {
    const alive = this.isAlive(session_id);
    if (alive === null || (user_id !== undefined && alive.user_id !== user_id)) return false;
    return this.#end(session_id, instant(this.#runtime.now()));
  }

  /** Ends the session of a refresh token, old or new: whoever has one may end it. Null where there was none that was alive. */
  async endByToken(presented: string): Promise<{ readonly session_id: string; readonly user_id: number } | null> {
    const hashes = refreshHashes(presented);
    if (hashes === null) return null;
    const at = instant(this.#runtime.now());
    const select = this.#database.prepare<[Buffer], Row>(`SELECT ${columns} FROM sessions WHERE family = ?`);
    const found = select.get(hashes.family);
    if (found === undefined || !isOpen(found, at) || !this.#end(found.session_id, at)) return null;
    return { session_id: found.session_id, user_id: found.user_id };
  }

  /** Ends all sessions of a user, but for one where it is named. Gives how many. */
  async endAll(user_id: number, except = ""): Promise<number> {
    const update = this.#database.prepare(
      "UPDATE sessions SET ended_at = ? WHERE user_id = ? AND session_id <> ? AND ended_at IS NULL",
    );
    const { changes } = update.run(instant(this.#runtime.now()), user_id, except);
    this.#alive.clear();
    return changes;
  }

  #end(session_id: string, at: string): boolean {
    this.#alive.delete(session_id);
    const update = this.#database.prepare("UPDATE sessions SET ended_at = ? WHERE session_id = ? AND ended_at IS NULL");
    return update.run(at, session_id).changes === 1;
  }

  #lookUp(session_id: string, at: string): Alive | null {
    const row = this.#selectAlive.get(session_id);
    if (row === undefined || !isOpen(row, at)) return null;
    const alive = { user_id: row.user_id, until: row.idle_at };
    if (this.#alive.size >= cachedSessions) this.#alive.clear();
    this.#alive.set(session_id, alive);
    return alive;
  }

  /** Takes away the sessions of whoever has no account any more: one may have begun while its user was being erased. */
  async forgetStrangers(): Promise<void> {
    this.#database.prepare("DELETE FROM sessions WHERE user_id NOT IN (SELECT user_id FROM users)").run();
    this.#alive.clear();
  }

  /** Takes away what is over: it says where somebody was, and nobody needs that any more. */
  #sweep(at: string): void {
    this.#database
      .prepare(
        `DELETE FROM sessions WHERE session_id IN (
           SELECT session_id FROM sessions WHERE ended_at IS NOT NULL OR idle_at <= ? LIMIT ?)`,
      )
      .run(at, sweptSessions);
  }

  #makeRoom(user_id: number): void {
    const { changes } = this.#database
      .prepare(
        `DELETE FROM sessions WHERE session_id IN (
           SELECT session_id FROM sessions WHERE user_id = ? ORDER BY last_used_at DESC, session_id DESC LIMIT -1 OFFSET ?)`,
      )
      .run(user_id, sessionsPerUser - 1);
    if (changes > 0) this.#alive.clear();
  }
}

function isOpen({ ended_at, idle_at }: Row, at: string): boolean {
  return ended_at === null && at < idle_at;
}

function bounded({ address, user_agent }: Origin): Origin {
  return {
    address: address.slice(0, longestAddress),
    user_agent: plainAgent(user_agent ?? undefined)?.slice(0, longestAgent) ?? null,
  };
}

function idleEnd(now_ms: number, expires_at: string): string {
  const idle_at = instant(now_ms + sessionIdle_ms);
  return idle_at < expires_at ? idle_at : expires_at;
}

function instant(time_ms: number): string {
  return new Date(time_ms).toISOString();
}
