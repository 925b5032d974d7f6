import { hash } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import type { Runtime } from "../runtime/runtime.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Whom an access token stands for. */
export interface AccessClaims {
  readonly user_id: number;
  readonly session_id: string;
}

/** How long an access token lives, and how far clocks may differ, in seconds. */
export const accessTokenLife_s = 600;
const leeway_s = 2;

const algorithm = "HS256";
const type = "at+jwt";
const issuer = "incident-ledger";
const audience = "incident-ledger";
/** Longer than any token of ours. */
const longestToken = 2048;
/** How many tokens that were verified are remembered, so that each is verified once. */
const remembered = 10_000;

interface Verified extends AccessClaims {
  readonly until_ms: number;
}

/** What access tokens stand on. */
export interface AccessTokensOptions {
  readonly keys: Pick<SigningKeys, "current" | "verifying">;
  readonly runtime: Pick<Runtime, "now" | "random">;
}

/**
 * Signs access tokens and verifies them: JWTs of RFC 9068's type, for this service alone. There is one algorithm, whatever a
 * header says; keys that a header names or brings (`jku`, `jwk`, `x5u`) are not looked at.
 */
export class AccessTokens {
  readonly #keys: AccessTokensOptions["keys"];
  readonly #runtime: AccessTokensOptions["runtime"];
  readonly #verified = new Map<string, Verified>();

  constructor({ keys, runtime }: AccessTokensOptions) {
    this.#keys = keys;
    this.#runtime = runtime;
  }

  /** A token for this session, good for ten minutes. */
  async sign({ user_id, session_id }: AccessClaims): Promise<string> {
    const { kid, key } = await this.#keys.current();
    const now_s = Math.floor(this.#runtime.now() / 1000);
    return new SignJWT({ sid: session_id })
      .setProtectedHeader({ alg: algorithm, typ: type, kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(`user:${user_id}`)
      .setIssuedAt(now_s)
      .setExpirationTime(now_s + accessTokenLife_s)
      .setJti(Buffer.from(this.#runtime.random(16)).toString("base64url"))
      .sign(key);
  }

  /** Whom a token stands for, or null where it is none of ours or over. Whether its session is alive is not asked here. */
  async verify(token: string): Promise<AccessClaims | null> {
    if (token.length > longestToken) return null;
    const digest = hash("sha256", token, "base64url");
    const known = this.#verified.get(digest) ?? (await this.#look(token, digest));
    if (known === null || this.#runtime.now() >= known.until_ms) return null;
    return { user_id: known.user_id, session_id: known.session_id };
  }

  async #look(token: string, digest: string): Promise<Verified | null> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keyOf(kid), {
        algorithms: [algorithm],
        typ: type,
        issuer,
        audience,
        clockTolerance: leeway_s,
        currentDate: new Date(this.#runtime.now()),
        requiredClaims: ["sub", "sid", "exp", "iat", "jti"],
      });
      const user_id = Number(/^user:([1-9]\d{0,14})$/.exec(payload.sub ?? "")?.[1]);
      const { sid, exp = 0 } = payload;
      if (!Number.isSafeInteger(user_id) || typeof sid !== "string") return null;
      const verified = { user_id, session_id: sid, until_ms: (exp + leeway_s) * 1000 };
      if (this.#verified.size >= remembered) this.#verified.clear();
      this.#verified.set(digest, verified);
      return verified;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  /** Anybody may write a header: what stands there as a key's name need not even be a string. */
  async #keyOf(kid: unknown): Promise<Uint8Array> {
    const key = typeof kid === "string" ? await this.#keys.verifying(kid) : null;
    if (key === null) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}
