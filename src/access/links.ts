import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { tokenBytes, tokenHash } from "./secret-token.ts";
import type { VaultParts } from "./stored-secret.ts";

/** What a link is for. */
export type LinkPurpose = "invitation" | "recovery";

/** A link that can still be used. */
export interface Link {
  readonly user_id: number;
  readonly purpose: LinkPurpose;
  /** Instants. */
  readonly created_at: string;
  readonly expires_at: string;
}

/** How long a link can be used, in milliseconds. */
export const linkLife_ms: Readonly<Record<LinkPurpose, number>> = {
  invitation: 7 * 24 * 60 * 60_000,
  recovery: 10 * 60_000,
};

const form = /^il_link_[A-Za-z0-9_-]{43}$/;

/** Links by which somebody chooses a password, once each. The vault holds the SHA-256 of their tokens alone. */
export class Links {
  readonly #database: SqliteDatabase;
  readonly #runtime: Pick<Runtime, "now" | "random">;

  constructor({ database, runtime }: VaultParts) {
    this.#database = database;
    this.#runtime = runtime;
  }

  /** Makes a link and gives its token, here and never again. An older one of that user and purpose ends. */
  async make(user_id: number, purpose: LinkPurpose): Promise<{ token: string; expires_at: string }> {
    const now_ms = this.#runtime.now();
    const token = `il_link_${Buffer.from(this.#runtime.random(tokenBytes)).toString("base64url")}`;
    const expires_at = instant(now_ms + linkLife_ms[purpose]);
    this.#database
      .transaction(() => {
        const past = this.#database.prepare("DELETE FROM links WHERE (user_id = ? AND purpose = ?) OR expires_at <= ?");
        past.run(user_id, purpose, instant(now_ms));
        const insert = this.#database.prepare(
          "INSERT INTO links (hash, user_id, purpose, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
        );
        insert.run(tokenHash(token), user_id, purpose, instant(now_ms), expires_at);
      })
      .immediate();
    return { token, expires_at };
  }

  /** The link of this token while it can be used; it stays usable. */
  async find(token: string): Promise<Link | null> {
    if (!form.test(token)) return null;
    const select = this.#database.prepare<[Buffer, string], Link>(
      "SELECT user_id, purpose, created_at, expires_at FROM links WHERE hash = ? AND expires_at > ?",
    );
    return select.get(tokenHash(token), instant(this.#runtime.now())) ?? null;
  }

  /** Uses a link: of several who try at once, one gets it, and all others null. */
  async take(token: string): Promise<Link | null> {
    if (!form.test(token)) return null;
    const take = this.#database.prepare<[Buffer, string], Link>(
      "DELETE FROM links WHERE hash = ? AND expires_at > ? RETURNING user_id, purpose, created_at, expires_at",
    );
    return take.get(tokenHash(token), instant(this.#runtime.now())) ?? null;
  }

  /** The usable link of a user and purpose, without its token, or null. */
  async of(user_id: number, purpose: LinkPurpose): Promise<Link | null> {
    const select = this.#database.prepare<[number, string, string], Link>(
      "SELECT user_id, purpose, created_at, expires_at FROM links WHERE user_id = ? AND purpose = ? AND expires_at > ?",
    );
    return select.get(user_id, purpose, instant(this.#runtime.now())) ?? null;
  }

  /** Ends all links of a user. */
  async endAll(user_id: number): Promise<void> {
    this.#database.prepare("DELETE FROM links WHERE user_id = ?").run(user_id);
  }
}

function instant(time_ms: number): string {
  return new Date(time_ms).toISOString();
}
