import { limits } from "../config.ts";
import { ProblemError } from "./problem-error.ts";

/**
 * Reads an `Idempotency-Key`: a string of a structured field (RFC 8941 §3.3.3), in quotes, or bare as older clients
 * send it; 1 to 255 printable ASCII characters.
 */
export function readIdempotencyKey(header: string): string {
  const text = header.trim();
  const key = text.startsWith('"') ? unquote(text) : text;
  if (key === null || !/^[\x20-\x7e]+$/.test(key) || key.length > limits.idempotency_key_characters) {
    const detail = `must have 1 to ${limits.idempotency_key_characters} printable ASCII characters, in quotes or bare`;
    throw new ProblemError("malformed-header", `Idempotency-Key ${detail}.`, {
      faults: [{ header: "Idempotency-Key", detail }],
    });
  }
  return key;
}

function unquote(text: string): string | null {
  const match = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text);
  return match === null ? null : (match[1] ?? "").replace(/\\(["\\])/g, "$1");
}
