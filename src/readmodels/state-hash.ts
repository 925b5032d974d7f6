import { createHash } from "node:crypto";
import canonicalizeModule from "canonicalize";
import type { Board } from "../../projections/board.ts";
import { boardState } from "../../projections/board-state.ts";

// The package is CommonJS, but its types describe an ES module: what is imported is the function itself.
const canonicalize = canonicalizeModule as unknown as (input: unknown) => string | undefined;

/** SHA-256 over RFC 8785 JSON, 64 hex digits. */
export function hashOfState(canonical: string | Uint8Array): string {
  return createHash("sha256").update(canonical).digest("hex");
}

/** How many members of a collection are written at once: all of them at once would take many times the board's own room. */
const members_at_once = 1000;

/**
 * The state hash of a board: 64 hex digits. Two boards with the same hash decide alike from here on; texts and whatever
 * lies beside the board are not in it.
 */
export function stateHash(board: Board): string {
  const hash = createHash("sha256");
  for (const piece of canonicalPieces(boardState(board))) hash.update(piece);
  return hash.digest("hex");
}

/**
 * The RFC 8785 JSON of an object (the same bytes for the same state, on every machine), piece by piece: its members sorted by
 * name, its collections a few at a time.
 */
export function* canonicalPieces(state: object): Generator<string> {
  let before = "{";
  for (const [name, value] of Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    before = ",";
    if (Array.isArray(value)) yield* canonicalMembers(value);
    else yield canonicalize(value) ?? "null";
  }
  yield before === "{" ? "{}" : "}";
}

function* canonicalMembers(members: readonly unknown[]): Generator<string> {
  yield "[";
  for (let first = 0; first < members.length; first += members_at_once) {
    const some = canonicalize(members.slice(first, first + members_at_once)) ?? "[]";
    yield `${first === 0 ? "" : ","}${some.slice(1, -1)}`;
  }
  yield "]";
}
