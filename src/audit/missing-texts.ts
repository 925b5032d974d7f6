import type { Ledger } from "../ledger/ledger.ts";
import { UnreadableEvent } from "../ledger/ledger-errors.ts";
import type { ChainWalk, Erasure } from "./chain-walk.ts";
import type { FaultList } from "./fault.ts";

/**
 * To be called after the walk: looks for the erasures of texts that are gone and that no event of the walk explained. They
 * may have come after the position at which it ended. What stays unexplained is a fault.
 */
export async function explainMissingTexts(ledger: Ledger, chain: ChainWalk, faults: FaultList): Promise<void> {
  if (chain.unexplained.size > 0) {
    for (const erasure of await erasuresAfter(ledger, chain.position)) {
      if (chain.unexplained.has(erasure.erased)) chain.explain(erasure);
    }
  }
  for (const position of chain.unexplained)
    faults.add(position, "its text is gone, and no event says that it was erased");
}

async function erasuresAfter(ledger: Ledger, position: number): Promise<Erasure[]> {
  const erasures: Erasure[] = [];
  try {
    for (let after = position; ; ) {
      const page = await ledger.read({ after, types: ["text.erased"] });
      for (const event of page) {
        after = event.position;
        if (event.type === "text.erased") erasures.push({ erased: event.data.erased, by: event.position });
      }
      if (page.length === 0) return erasures;
    }
  } catch (error) {
    // What cannot be read explains nothing, and the walk over all events says that it cannot be read.
    if (error instanceof UnreadableEvent) return erasures;
    throw error;
  }
}
