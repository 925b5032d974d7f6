import { createHash } from "node:crypto";
import canonicalizeModule from "canonicalize";
import type { Board } from "../../projections/board.ts";
import { boardState } from "../../projections/board-state.ts";

// The package is CommonJS, but its types describe an ES module: what is imported is the function itself.
const canonicalize = canonicalizeModule as unknown as (input: unknown) => string | undefined;

/** The board's state as RFC 8785 JSON: the same bytes for the same state, on every machine. */
export function canonicalState(board: Board): string {
  const canonical = canonicalize(boardState(board));
  if (canonical === undefined) throw new Error("the board's state is not JSON");
  return canonical;
}

/** SHA-256 over RFC 8785 JSON, 64 hex digits. */
export function hashOfState(canonical: string | Uint8Array): string {
  return createHash("sha256").update(canonical).digest("hex");
}

/**
 * The state hash of a board: 64 hex digits. Two boards with the same hash decide alike from here on; texts and whatever
 * lies beside the board are not in it.
 */
export function stateHash(board: Board): string {
  return hashOfState(canonicalState(board));
}
