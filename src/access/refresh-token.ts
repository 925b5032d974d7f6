import { hash } from "node:crypto";
import { tokenBytes } from "./secret-token.ts";

/**
 * A refresh token: `il_refresh_`, then 43 characters that all tokens of its family share, then 43 that change with every
 * use; both are 32 random bytes in base64url. Whoever presents the first half with another second half than the last one
 * given has an old token of the family, which nobody could have guessed: so reuse is seen for ever, and the vault needs two
 * hashes for each family however often it is refreshed.
 */
const form = /^il_refresh_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{43})$/;
const prefix = "il_refresh_";

/** What the vault holds of a refresh token. */
export interface RefreshHashes {
  /** SHA-256 of the half that the family shares. */
  readonly family: Buffer;
  /** SHA-256 of the whole token. */
  readonly token: Buffer;
}

/** A token of a new family, or of the family of another token. */
export function refreshToken(random: (length: number) => Uint8Array, of?: string): string {
  const family = of === undefined ? half(random) : (form.exec(of)?.[1] ?? half(random));
  return prefix + family + half(random);
}

/** What is stored of a token; null where it has not the form of one. */
export function refreshHashes(token: string): RefreshHashes | null {
  const family = form.exec(token)?.[1];
  if (family === undefined) return null;
  return { family: hash("sha256", family, "buffer"), token: hash("sha256", token, "buffer") };
}

function half(random: (length: number) => Uint8Array): string {
  return Buffer.from(random(tokenBytes)).toString("base64url");
}
