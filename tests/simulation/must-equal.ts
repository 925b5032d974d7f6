import { AssertionError } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

/** Throws where two plain values differ, and tells both on one line. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const message = `${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
  throw new AssertionError({ message, actual, expected });
}
