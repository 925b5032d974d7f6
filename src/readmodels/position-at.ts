import type { Ledger } from "../ledger/ledger.ts";
import { commitEnd } from "../ledger/read-commits.ts";

/**
 * The position at which the ledger stood at an instant: the end of the last commit recorded at or before it; 0 where
 * there was none yet. Desk time never runs back, so that a few reads find it.
 */
export async function positionAt(ledger: Ledger, instant: string): Promise<number> {
  let low = 0;
  let high = (await ledger.head()).position;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [event] = await ledger.read({ after: middle - 1, limit: 1 });
    if (event === undefined) throw new Error(`The ledger has no event at position ${middle}; run verify.`);
    if (event.recorded_at <= instant) low = commitEnd(event);
    else high = event.position - event.meta.offset - 1;
  }
  return low;
}
