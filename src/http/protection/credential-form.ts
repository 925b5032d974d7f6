import { isKey } from "../../access/api-key.ts";
import { bearerTokenOf, isAccessToken } from "../plugins/authentication.ts";

/** The administrator's key as the service makes it. One that an operator has chosen may be any word. */
const madeAdminKey = /^il_admin_[A-Za-z0-9_-]{43}$/;

/**
 * Whether a credential, bare or as the `Authorization` header has it, has the form of what nobody can guess: of a key with its
 * checksum, or of a signed token. To verify one costs a digest and a look-up in memory, so that it can be done for anybody.
 */
export function cannotBeGuessed(credential: string): boolean {
  const token = bearerTokenOf(credential) ?? credential;
  return isKey(token) || isAccessToken(token) || madeAdminKey.test(token);
}
