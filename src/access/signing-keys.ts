import { createHmac, hkdfSync } from "node:crypto";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { ForeignWrites } from "./foreign-writes.ts";
import { storedSecret, type VaultParts } from "./stored-secret.ts";

/** A key that signs or verifies access tokens. */
export interface SigningKey {
  /** Its name in the header of what it signs. */
  readonly kid: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

interface Row {
  readonly kid: string;
  /** Which secret it was made of. */
  readonly secret: Buffer;
  readonly created_at: string;
}

/** How old a key becomes before another takes its place, in milliseconds. */
export const signingKeyLife_ms = 30 * 24 * 60 * 60_000;
/** How long it still verifies after that, in milliseconds. */
export const verifyingLife_ms = 60 * 60_000;
/** How many keys that can still verify are kept in memory. */
const cachedKeys = 100;

const columns = "kid, secret, created_at";

/**
 * The keys of access tokens: for HS256, because whoever signs here also verifies, nobody else needs to, and it takes
 * microseconds on every version of Node. The vault has their names and ages, but not the keys: those follow by HKDF-SHA256 from
 * a secret and the name. The secret is the configured one; without one, a secret of the vault.
 *
 * A new key takes over when the last one is 30 days old or the secret is another. The old one verifies for an hour more, far
 * longer than any token lives, as long as its secret is known: the vault's own always is, a configured one while
 * it stands behind the new one in SECRET_KEY. Nobody is signed out either way, since refresh tokens are not signed: at worst
 * access tokens are refreshed once before their time.
 */
export class SigningKeys {
  readonly #database: SqliteDatabase;
  readonly #runtime: Pick<Runtime, "now" | "random">;
  readonly #foreign: ForeignWrites;
  readonly #own: Buffer;
  #secrets: readonly Secret[];
  #current: (SigningKey & { readonly until_ms: number }) | null = null;
  readonly #known = new Map<string, { readonly key: Uint8Array; readonly until_ms: number }>();

  constructor(parts: VaultParts) {
    this.#database = parts.database;
    this.#runtime = parts.runtime;
    this.#foreign = new ForeignWrites(parts.database);
    this.#own = storedSecret(parts, "signing");
    this.#secrets = [secretOf(this.#own)];
  }

  /** Says which secrets are configured: the first signs from now on, all of them verify. None: the vault's own signs. */
  async configure(secret_keys: readonly string[]): Promise<void> {
    this.#secrets = [...secret_keys.map((text) => Buffer.from(text, "utf8")), this.#own].map(secretOf);
    this.#forget();
  }

  /** The key that signs now. */
  async current(): Promise<SigningKey> {
    if (this.#foreign.haveHappened()) this.#forget();
    const now_ms = this.#runtime.now();
    if (this.#current !== null && now_ms < this.#current.until_ms) return this.#current;
    const secret = this.#secrets[0];
    if (secret === undefined) throw new Error("there is no secret to sign with");
    const { kid, created_at } = this.#database.transaction(() => this.#newest(secret, now_ms)).immediate();
    this.#current = { kid, key: keyOf(secret, kid), until_ms: Date.parse(created_at) + signingKeyLife_ms };
    return this.#current;
  }

  /** The key of this name while it may verify; null where there is none, or its secret is not known any more. */
  async verifying(kid: string): Promise<Uint8Array | null> {
    if (this.#foreign.haveHappened()) this.#forget();
    const now_ms = this.#runtime.now();
    const known = this.#known.get(kid) ?? this.#lookUp(kid);
    return known !== null && now_ms < known.until_ms ? known.key : null;
  }

  #lookUp(kid: string): { readonly key: Uint8Array; readonly until_ms: number } | null {
    const select = this.#database.prepare<[string], Row>(`SELECT ${columns} FROM signing_keys WHERE kid = ?`);
    const row = select.get(kid);
    if (row === undefined) return null;
    const secret = this.#secrets.find(({ print }) => print.equals(row.secret));
    if (secret === undefined) return null;
    const successor = this.#database
      .prepare<[string], string>("SELECT min(created_at) FROM signing_keys WHERE created_at > ?")
      .pluck()
      .get(row.created_at);
    const replaced_ms = Math.min(
      Date.parse(row.created_at) + signingKeyLife_ms,
      successor ? Date.parse(successor) : Number.POSITIVE_INFINITY,
    );
    const found = { key: keyOf(secret, kid), until_ms: replaced_ms + verifyingLife_ms };
    if (this.#known.size >= cachedKeys) this.#known.clear();
    this.#known.set(kid, found);
    return found;
  }

  /** The newest key, if it is of this secret and young; else a new one. */
  #newest(secret: Secret, now_ms: number): Row {
    const newest = this.#database
      .prepare<[], Row>(`SELECT ${columns} FROM signing_keys ORDER BY created_at DESC, kid DESC LIMIT 1`)
      .get();
    const isGood = newest?.secret.equals(secret.print) && now_ms < Date.parse(newest.created_at) + signingKeyLife_ms;
    if (newest !== undefined && isGood) return newest;
    // The clock may have been set back: the newest must be known for the newest.
    const created_ms = Math.max(now_ms, newest === undefined ? now_ms : Date.parse(newest.created_at) + 1);
    const kid = Buffer.from(this.#runtime.random(12)).toString("base64url");
    const made = { kid, secret: secret.print, created_at: new Date(created_ms).toISOString() };
    this.#known.clear();
    const over = new Date(created_ms - signingKeyLife_ms - verifyingLife_ms).toISOString();
    this.#database.prepare("DELETE FROM signing_keys WHERE created_at < ?").run(over);
    this.#database
      .prepare("INSERT INTO signing_keys (kid, secret, created_at) VALUES (@kid, @secret, @created_at)")
      .run(made);
    return made;
  }

  #forget(): void {
    this.#current = null;
    this.#known.clear();
  }
}

interface Secret {
  readonly bytes: Buffer;
  /** Tells secrets apart without telling them. */
  readonly print: Buffer;
}

function secretOf(bytes: Buffer): Secret {
  const print = createHmac("sha256", bytes).update("incident-ledger: which secret this is").digest().subarray(0, 16);
  return { bytes, print };
}

function keyOf({ bytes }: Secret, kid: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", bytes, kid, "incident-ledger: access tokens", 32));
}
