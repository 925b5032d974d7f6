import { hash } from "node:crypto";

/**
 * An API key: `il_`, then 43 characters that are 32 random bytes in base64url, then 6 characters of checksum, the first of
 * the SHA-256 (base64url) of all before them. The prefix and the checksum let scanners of leaked secrets find keys, and
 * let us refuse what was mistyped without a look into the vault.
 */
const form = /^il_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/;
const prefix = "il_";
const checksumLength = 6;

/** How many random bytes a key is made of. */
export const keyBytes = 32;

/** The key made of these 32 random bytes. */
export function keyOf(bytes: Uint8Array): string {
  if (bytes.length !== keyBytes) throw new RangeError(`A key is made of ${keyBytes} bytes, not of ${bytes.length}.`);
  const body = prefix + Buffer.from(bytes).toString("base64url");
  return body + checksumOf(body);
}

/** Whether a string has the form of a key, checksum included. */
export function isKey(presented: string): boolean {
  if (!form.test(presented)) return false;
  const body = presented.slice(0, -checksumLength);
  return presented.slice(-checksumLength) === checksumOf(body);
}

/** What is stored of a key: its SHA-256, 64 hex digits. A key is random enough to need no salt. */
export function keyHash(key: string): string {
  return hash("sha256", key, "hex");
}

function checksumOf(body: string): string {
  return hash("sha256", body, "base64url").slice(0, checksumLength);
}
