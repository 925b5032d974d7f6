import { hash, timingSafeEqual } from "node:crypto";
import type { Keys } from "../../access/keys.ts";
import { ProblemError } from "../problem-error.ts";

/** Who a bearer token belongs to (`admin`, `key:<id>`), or null where it is not valid. At once, where it is known at once. */
export type Authenticate = (token: string) => string | null | Promise<string | null>;

/** Takes the administrator's key, and those that the vault holds, but for those of dialects. Keys are compared by their digests, in constant time. */
export function authenticateKeys(admin_api_key: string, keys: Pick<Keys, "find">): Authenticate {
  const admin = hash("sha256", admin_api_key, "buffer");
  return (token) => {
    const digest = hash("sha256", token, "buffer");
    if (timingSafeEqual(digest, admin)) return "admin";
    return keys.find(token).then((owner) => (owner === null || owner.dialect !== null ? null : `key:${owner.key_id}`));
  };
}

/** The actor of a request, from its `Authorization` header; refuses with 401. */
export function actorOf(authorization: string | undefined, authenticate: Authenticate): string | Promise<string> {
  const token = authorization === undefined ? undefined : /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw unauthorized("Send `Authorization: Bearer <API key>`.", "");
  const actor = authenticate(token);
  return actor instanceof Promise ? actor.then(known) : known(actor);
}

function known(actor: string | null): string {
  if (actor === null) throw refuseCredential();
  return actor;
}

/** The answer to a credential that is not valid, or not any longer: which of them, it does not say. */
export function refuseCredential(): ProblemError {
  return unauthorized("This API key is not valid.", ', error="invalid_token"');
}

function unauthorized(detail: string, error: string): ProblemError {
  return new ProblemError("unauthorized", detail, {
    headers: { "www-authenticate": `Bearer realm="incident-ledger"${error}` },
  });
}
