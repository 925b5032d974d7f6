import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { accountKey, deviceKey, networkKey } from "./attempt-keys.ts";
import { storedSecret, type VaultParts } from "./stored-secret.ts";

/** Who tries what. */
export interface Attempt {
  /** The e-mail address as it was given; nobody needs to have it. */
  readonly email: string;
  readonly address: string;
  /** The device that the account has been signed in with before, where the caller proved that; else null. */
  readonly device: string | null;
}

/** Whether an attempt may be made now. */
export type Admission =
  | { readonly kind: "admitted" }
  | { readonly kind: "throttled"; readonly retry_after_seconds: number };

/** How many failures are free, how long the delay after each further one may become, and when all is forgotten. */
interface Policy {
  readonly free: number;
  readonly longest_delay_ms: number;
  readonly forget_ms: number;
}

const hour_ms = 60 * 60_000;
/** Of one account from one network, or from one device that it knows: 1, 2, 4 … seconds after the fifth. */
const accountPolicy: Policy = { free: 5, longest_delay_ms: 15 * 60_000, forget_ms: 24 * hour_ms };
/** Of one network, whatever the account: 1, 2, 4 … seconds after the thirtieth. */
const networkPolicy: Policy = { free: 30, longest_delay_ms: 5 * 60_000, forget_ms: hour_ms };
/** How long a network that an account was signed in from is known for that account. */
const known_ms = 30 * 24 * hour_ms;
const mostRows = 100_000;
const noAccount = Buffer.alloc(0);

interface Row {
  readonly count: number;
  readonly last_at_ms: number;
  readonly known_at_ms: number | null;
}

/**
 * Slows down who guesses passwords, and never anybody else. Failures are counted by account *and* network, so whoever guesses from
 * elsewhere does not hinder the owner; and by network alone, where an account that was signed in from that network before is
 * let through. A device that an account was signed in with has a count of its own, so not even a neighbour behind the same
 * address hinders its owner. Counts are kept for accounts that do not exist just the same. Nobody is ever locked out: a count
 * means a delay, of 15 minutes at most.
 *
 * An attempt counts before its password is looked at, so a thousand at once get no more than a thousand in a row; one that
 * succeeds takes its count back.
 */
export class Attempts {
  readonly #database: SqliteDatabase;
  readonly #runtime: Pick<Runtime, "now">;
  readonly #secret: Buffer;

  constructor(parts: VaultParts) {
    this.#database = parts.database;
    this.#runtime = parts.runtime;
    this.#secret = storedSecret(parts, "attempts");
  }

  /** Counts an attempt, or turns it away. What is turned away writes nothing and makes no delay longer. */
  async begin(attempt: Attempt): Promise<Admission> {
    const now_ms = this.#runtime.now();
    const { account, origin, network } = this.#keysOf(attempt);
    return this.#database
      .transaction((): Admission => {
        const own = this.#row(account, origin);
        const shared = this.#row(noAccount, network);
        const isKnown = attempt.device !== null || isKnownFrom(own, now_ms);
        const wait_ms = Math.max(
          waitOf(own, accountPolicy, now_ms),
          isKnown ? 0 : waitOf(shared, networkPolicy, now_ms),
        );
        if (wait_ms > 0) return { kind: "throttled", retry_after_seconds: Math.ceil(wait_ms / 1000) };
        this.#count(account, origin, own, accountPolicy, now_ms);
        if (!isKnown) this.#count(noAccount, network, shared, networkPolicy, now_ms);
        return { kind: "admitted" };
      })
      .immediate();
  }

  /** The attempt was the owner's: nothing is held against account and origin any more, and the origin is known from now on. */
  async succeeded(attempt: Attempt): Promise<void> {
    const now_ms = this.#runtime.now();
    const { account, origin, network } = this.#keysOf(attempt);
    this.#database
      .transaction(() => {
        const own = this.#row(account, origin);
        this.#database
          .prepare("UPDATE attempts SET count = 0, last_at_ms = ?, known_at_ms = ? WHERE account = ? AND origin = ?")
          .run(now_ms, now_ms, account, origin);
        // An attempt of one who was known did not count for the network.
        if (attempt.device === null && !isKnownFrom(own, now_ms)) this.#takeBack(noAccount, network);
      })
      .immediate();
  }

  /** The attempt was not made after all, for want of room. */
  async undo(attempt: Attempt): Promise<void> {
    const now_ms = this.#runtime.now();
    const { account, origin, network } = this.#keysOf(attempt);
    this.#database
      .transaction(() => {
        const own = this.#row(account, origin);
        this.#takeBack(account, origin);
        if (attempt.device === null && !isKnownFrom(own, now_ms)) this.#takeBack(noAccount, network);
      })
      .immediate();
  }

  #keysOf({ email, address, device }: Attempt): { account: Buffer; origin: Buffer; network: Buffer } {
    const network = networkKey(this.#secret, address);
    const origin = device === null ? network : deviceKey(this.#secret, device);
    return { account: accountKey(this.#secret, email), origin, network };
  }

  #row(account: Buffer, origin: Buffer): Row | undefined {
    return this.#database
      .prepare<[Buffer, Buffer], Row>(
        "SELECT count, last_at_ms, known_at_ms FROM attempts WHERE account = ? AND origin = ?",
      )
      .get(account, origin);
  }

  #count(account: Buffer, origin: Buffer, before: Row | undefined, policy: Policy, now_ms: number): void {
    const count = before === undefined || isForgotten(before, policy, now_ms) ? 1 : before.count + 1;
    if (before === undefined) this.#makeRoom();
    this.#database
      .prepare(
        `INSERT INTO attempts (account, origin, count, last_at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (account, origin) DO UPDATE SET count = excluded.count, last_at_ms = excluded.last_at_ms`,
      )
      .run(account, origin, count, now_ms);
  }

  #takeBack(account: Buffer, origin: Buffer): void {
    this.#database
      .prepare("UPDATE attempts SET count = max(0, count - 1) WHERE account = ? AND origin = ?")
      .run(account, origin);
  }

  /** Lets go of the oldest rows, so that no stranger makes the vault grow. */
  #makeRoom(): void {
    const rows = this.#database.prepare<[], number>("SELECT count(*) FROM attempts").pluck().get() ?? 0;
    if (rows < mostRows) return;
    this.#database
      .prepare(
        `DELETE FROM attempts WHERE (account, origin) IN (
           SELECT account, origin FROM attempts ORDER BY last_at_ms LIMIT ?)`,
      )
      .run(Math.ceil(mostRows / 10));
  }
}

/** Whether the account was signed in with from there lately, so that the attempt does not count for the network. */
function isKnownFrom(own: Row | undefined, now_ms: number): boolean {
  return (own?.known_at_ms ?? Number.NEGATIVE_INFINITY) > now_ms - known_ms;
}

function isForgotten({ last_at_ms }: Row, { forget_ms }: Policy, now_ms: number): boolean {
  return now_ms - last_at_ms >= forget_ms;
}

/** How long it still is until the next attempt. A clock that was set back makes nobody wait longer than the delay itself. */
function waitOf(row: Row | undefined, policy: Policy, now_ms: number): number {
  if (row === undefined || row.count < policy.free || isForgotten(row, policy, now_ms)) return 0;
  const delay_ms = Math.min(policy.longest_delay_ms, 1000 * 2 ** Math.min(20, row.count - policy.free));
  return Math.min(delay_ms, Math.max(0, row.last_at_ms + delay_ms - now_ms));
}
