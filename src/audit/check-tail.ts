import { eventHash, genesisHash } from "../ledger/chain.ts";
import type { Ledger, StoredEvent } from "../ledger/ledger.ts";
import { misshapenColumn } from "./row-shape.ts";

const page_events = 1000;

/**
 * Follows the hash chain from a position to the head that there is, before anything is decided on what stands there. Throws with
 * a sentence where it is broken. Texts are left to the scrub: no decision depends on one, and who needs it hears of it.
 */
export async function checkTail(ledger: Ledger, after: number): Promise<void> {
  const head = await ledger.head();
  let position = after;
  let hash = after === 0 ? null : await hashAt(ledger, after);
  while (position < head.position) {
    const page = await ledger.readStored(position, page_events);
    if (page.length === 0) throw damaged(position + 1, `there is no event, although the head is at ${head.position}`);
    for (const event of page) {
      if (position === head.position) break;
      position += 1;
      if (event.position !== position) throw damaged(position, "there is no event");
      const misshapen = misshapenColumn(event);
      if (misshapen !== null) throw damaged(position, `${misshapen} is not what it must be`);
      const expected = eventHash(event, hash ?? genesisHash(ledgerIdOf(event)));
      if (!expected.equals(event.hash)) throw damaged(position, "its hash is not that of what stands there");
      hash = event.hash;
    }
  }
  if (hash !== null && Buffer.from(hash).toString("hex") !== head.hash) {
    throw damaged(position, "the head has another hash than the last event");
  }
}

async function hashAt(ledger: Ledger, position: number): Promise<Uint8Array> {
  const [event] = await ledger.readStored(position - 1, 1);
  if (event?.position !== position || misshapenColumn(event) !== null) throw damaged(position, "there is no event");
  return event.hash;
}

/** The id that a ledger's first event names; anything else gives another hash than the one recorded. */
function ledgerIdOf({ data }: StoredEvent): string {
  try {
    return String(JSON.parse(Buffer.from(data).toString("utf8"))?.ledger_id);
  } catch {
    return "";
  }
}

function damaged(position: number, what: string): Error {
  return new Error(
    `The ledger is damaged at position ${position}: ${what}. Run verify to learn what is wrong with it, and restore a backup.`,
  );
}
