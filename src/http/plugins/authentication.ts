import { hash, timingSafeEqual } from "node:crypto";
import type { Keys } from "../../access/keys.ts";
import type { SignIn } from "../../access/sign-in.ts";
import { ProblemError } from "../problem-error.ts";

/** Who a bearer token belongs to (`admin`, `key:<id>`), or null where it is not valid. At once, where it is known at once. */
export type Authenticate = (token: string) => string | null | Promise<string | null>;

/**
 * Takes the administrator's key, and those that the vault holds, but for those of dialects. Keys are compared by their digests,
 * in constant time; one that was shown is then found by its seeded hash, which tells no more of it.
 */
export function authenticateKeys(admin_api_key: string, keys: Pick<Keys, "find">): Authenticate {
  const admin = hash("sha256", admin_api_key, "buffer");
  const shown = new Set<string>();
  return (token) => {
    if (shown.has(token)) return "admin";
    if (timingSafeEqual(hash("sha256", token, "buffer"), admin)) {
      shown.add(token);
      return "admin";
    }
    return keys.find(token).then((owner) => (owner === null || owner.dialect !== null ? null : `key:${owner.key_id}`));
  };
}

/** Takes the access tokens of people who have signed in as well. */
export function authenticateUsersToo(
  authenticate: Authenticate,
  sign_in: Pick<SignIn, "authenticateUser">,
): Authenticate {
  return (token) => {
    if (!isAccessToken(token)) return authenticate(token);
    return sign_in
      .authenticateUser(token)
      .then((user) => (user === null ? authenticate(token) : `user:${user.user_id}`));
  };
}

/** Whether a token has the form of a JWT: three parts, of which the first begins as JSON does. */
export function isAccessToken(token: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** The token of an `Authorization` header, or null. */
export function bearerTokenOf(authorization: string | undefined): string | null {
  return authorization === undefined ? null : (/^bearer +([^\s]+) *$/i.exec(authorization)?.[1] ?? null);
}

/** The actor of a request, from its `Authorization` header; refuses with 401. */
export function actorOf(authorization: string | undefined, authenticate: Authenticate): string | Promise<string> {
  const token = bearerTokenOf(authorization);
  if (token === null) throw unauthorized("Send `Authorization: Bearer <API key>`.", "");
  const actor = authenticate(token);
  return actor instanceof Promise ? actor.then(known) : known(actor);
}

function known(actor: string | null): string {
  if (actor === null) throw refuseCredential();
  return actor;
}

/** The answer to a credential that is not valid, or not any longer: which of them, it does not say. `actor`: whose it was. */
export function refuseCredential(actor?: string): ProblemError {
  return unauthorized("This API key is not valid.", ', error="invalid_token"', actor);
}

function unauthorized(detail: string, error: string, actor?: string): ProblemError {
  return new ProblemError("unauthorized", detail, {
    ...(actor === undefined ? {} : { actor }),
    headers: { "www-authenticate": `Bearer realm="incident-ledger"${error}` },
  });
}
