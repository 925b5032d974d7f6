import { incidentStream } from "../../events/stream.ts";
import type { NotedHead } from "../audit/audit-report.ts";
import { chainFormat, eventHash } from "../ledger/chain.ts";
import type { Ledger, StoredEvent } from "../ledger/ledger.ts";
import { eventLineOf, withoutText } from "./event-line.ts";
import { EventShape, HashedShape, ProofEnd, ProofHeader, writeLine } from "./line-shapes.ts";
import { WrongContent } from "./wrong-content.ts";

/** What was exported. */
export interface ExportedProof {
  readonly incident: number;
  readonly events: number;
  /** Events of others, which tie those of the incident to the head. */
  readonly others: number;
  readonly head: NotedHead;
}

const page_events = 500;

/**
 * One incident's events, whole, and every other event from its first one to position `last` without what people wrote in
 * it: a chain has no shorter way from an event to a head than over all that lies between. Throws `WrongContent` where the
 * chain is broken there.
 */
export async function* proofLines(
  ledger: Ledger,
  incident: number,
  last: number,
  onProgress: (done: number, all: number) => void,
): AsyncGenerator<string, ExportedProof> {
  const stream = incidentStream(incident);
  const [first] = await ledger.read({ stream, limit: 1 });
  if (first === undefined || first.position === 1) throw new Error(`There is no incident ${incident} in the ledger.`);
  let { previous, position } = await before(ledger, first.position);
  const header = { format: "incident-ledger/proof/1", chain: chainFormat, incident } as const;
  yield `${writeLine({ ...header, previous_hash: hexOf(previous) }, ProofHeader)}\n`;
  let events = 0;
  const start = position;
  while (position < last) {
    const page = await ledger.readStored(position, Math.min(page_events, last - position));
    if (page.length === 0) throw broken(position + 1);
    const lines: string[] = [];
    for (const stored of page) {
      position += 1;
      if (stored.position !== position || !follows(stored, previous)) throw broken(position);
      previous = stored.hash;
      const line = eventLineOf(stored);
      if (stored.stream === stream) events += 1;
      const written =
        stored.stream === stream ? writeLine(line, EventShape) : writeLine(withoutText(line), HashedShape);
      lines.push(`${written}\n`);
    }
    yield lines.join("");
    onProgress(position - start, last - start);
  }
  const others = position - start - events;
  const head = { position, hash: hexOf(previous) };
  yield `${writeLine({ end: { events, others, head } }, ProofEnd)}\n`;
  return { incident, events, others, head };
}

async function before(ledger: Ledger, first: number): Promise<{ previous: Uint8Array; position: number }> {
  const [stored] = await ledger.readStored(first - 2, 1);
  if (stored?.position !== first - 1) throw broken(first - 1);
  return { previous: stored.hash, position: stored.position };
}

function follows(stored: StoredEvent, previous: Uint8Array): boolean {
  return Buffer.compare(eventHash(stored, previous), stored.hash) === 0;
}

function broken(position: number): WrongContent {
  return new WrongContent(`The chain is broken at position ${position}, and proves nothing; run verify to learn more.`);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
