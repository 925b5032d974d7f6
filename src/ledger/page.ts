import type { EventName } from "../../events/registry.ts";
import type { ReadFilter } from "./ledger.ts";

/** How many events one page holds at most. */
export const largestPage = 1000;

/** A filter with nothing left open. Both bounds are safe integers. */
export interface Page {
  readonly after: number;
  readonly until: number;
  readonly stream: string | null;
  readonly types: readonly EventName[] | null;
  readonly limit: number;
}

/** Fills in what a filter leaves open. Refuses bounds that are no positions. */
export function pageOf({ after = 0, until = Number.MAX_SAFE_INTEGER, stream, types, limit }: ReadFilter): Page {
  return {
    after: bound("after", after),
    until: bound("until", until),
    stream: stream ?? null,
    types: types ?? null,
    limit: Math.min(bound("limit", limit ?? largestPage), largestPage),
  };
}

function bound(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${name} must be a whole number from 0 to 2^53 - 1, not ${value}.`);
}
