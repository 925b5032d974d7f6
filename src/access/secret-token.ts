import { hash } from "node:crypto";

/** How many random bytes make a secret that need not be guessed at: 256 bits. */
export const tokenBytes = 32;

/** What is stored of a token: its SHA-256. It is random enough to need no salt and no slow hash. */
export function tokenHash(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
