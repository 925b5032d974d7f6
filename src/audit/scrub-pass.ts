import type { Ledger, StoredEvent } from "../ledger/ledger.ts";
import { ChainWalk } from "./chain-walk.ts";
import { FaultList } from "./fault.ts";
import { checkHead } from "./head-check.ts";
import { explainMissingTexts } from "./missing-texts.ts";
import { misshapenColumn } from "./row-shape.ts";

/** How far a pass is, and what it has found so far. */
export interface ScrubProgress {
  readonly position: number;
  readonly faults: FaultList;
}

/** How a pass goes about it. */
export interface ScrubPassOptions {
  /** Events that are read at once. */
  readonly page_events: number;
  /** Called after each page, and waited for; false ends the pass there. */
  readonly onPage: (progress: ScrubProgress) => Promise<boolean>;
}

const damage = /^(?:SQLITE_CORRUPT|SQLITE_NOTADB|SQLITE_IOERR_SHORT_READ)/;

/**
 * Walks the chain from the first event to the head that there is at the beginning: positions, versions, hashes, texts, the
 * head itself. Decisions are not made again; that is for `verify`. Rejects where the file cannot be read for another reason
 * than damage.
 */
export async function scrubPass(ledger: Ledger, { page_events, onPage }: ScrubPassOptions): Promise<ScrubProgress> {
  const faults = new FaultList();
  const chain = new ChainWalk(faults);
  const head = await ledger.head();
  while (chain.position < head.position) {
    const page = await pageAfter(ledger, chain.position, page_events);
    if (typeof page === "string") {
      faults.add(chain.position + 1, `from here on the file cannot be read: ${page}`);
      return { position: chain.position, faults };
    }
    // Where the last one is missing, the check of the head below says nothing.
    if (page.length === 0) {
      faults.add(chain.position + 1, `there is no event here, although the head is at ${head.position}`);
      break;
    }
    for (const event of page) if (event.position <= head.position) take(event, chain, faults);
    if ((page.at(-1)?.position ?? 0) > head.position && chain.position < head.position) chain.skip(head.position);
    if (!(await onPage({ position: chain.position, faults }))) return { position: chain.position, faults };
  }
  await checkHead(ledger, head, faults);
  await explainMissingTexts(ledger, chain, faults);
  return { position: chain.position, faults };
}

function take(event: StoredEvent, chain: ChainWalk, faults: FaultList): void {
  const misshapen = misshapenColumn(event);
  if (misshapen !== null) {
    chain.skip(event.position);
    faults.add(event.position, `its row is damaged: ${misshapen} is not what it must be`);
    return;
  }
  chain.next(event);
  if (event.type === "text.erased") explain(event, chain);
}

/** An event that cannot be read explains nothing; that its hash is another is said by the chain. */
function explain({ position, data }: StoredEvent, chain: ChainWalk): void {
  try {
    const { erased } = JSON.parse(Buffer.from(data).toString("utf8"));
    if (Number.isSafeInteger(erased)) chain.explain({ erased, by: position });
  } catch {
    // Not JSON any more.
  }
}

async function pageAfter(ledger: Ledger, after: number, limit: number): Promise<readonly StoredEvent[] | string> {
  try {
    return await ledger.readStored(after, limit);
  } catch (error) {
    const isDamage = error instanceof Error && "code" in error && damage.test(String(error.code));
    if (isDamage) return error.message;
    throw error;
  }
}
