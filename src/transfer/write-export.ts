import { boardFormat } from "../../projections/board-state.ts";
import { EventCheck } from "../audit/event-check.ts";
import type { Fault } from "../audit/fault.ts";
import { chainFormat } from "../ledger/chain.ts";
import type { Head, Ledger } from "../ledger/ledger.ts";
import { stateHash } from "../readmodels/state-hash.ts";
import { eventLineOf } from "./event-line.ts";
import { EventShape, ExportEnd, ExportHeader, writeLine } from "./line-shapes.ts";
import { WrongContent } from "./wrong-content.ts";

/** A text was erased while its event's export was under way, by an event that the export no longer holds. */
export class ErasedMeanwhile extends Error {
  constructor() {
    super("A text was erased while the export was being written; export again.");
    this.name = "ErasedMeanwhile";
  }
}

/** What was exported. */
export interface Exported {
  readonly ledger_id: string;
  readonly events: number;
  readonly head: { readonly position: number; readonly hash: string };
  readonly rules: number;
  readonly state_hash: string;
}

const page_events = 500;

/**
 * A ledger as lines, a page in each piece, up to the head that it has now. It is audited on the way, so that whatever ends
 * well can be imported; each page is a short read of its own. Throws `WrongContent` where the ledger is damaged, and
 * `ErasedMeanwhile`.
 */
export async function* exportLines(
  ledger: Ledger,
  onProgress: (done: number, all: number) => void,
): AsyncGenerator<string, Exported> {
  const head = await ledger.head();
  if (head.position === 0) throw new Error("The ledger there is empty: it was never opened by a service.");
  const check = new EventCheck();
  while (check.position < head.position) {
    const after = check.position;
    const page = await ledger.readStored(after, Math.min(page_events, head.position - after));
    if (page.length === 0) throw damaged({ position: after + 1, fault: "there is no event here" });
    const lines: string[] = [];
    for (const stored of page) {
      const fault = check.next(stored);
      if (fault !== null) throw damaged(fault);
      lines.push(`${writeLine(eventLineOf(stored), EventShape)}\n`);
    }
    if (after === 0) lines.unshift(headerLine(check.board.ledger_id, head));
    yield lines.join("");
    onProgress(check.position, head.position);
  }
  await checkEnd(ledger, check, head);
  const exported = {
    ledger_id: check.board.ledger_id,
    events: check.position,
    head: { position: check.position, hash: check.hash },
    rules: head.rules,
    state_hash: stateHash(check.board),
  };
  const { events, state_hash } = exported;
  yield `${writeLine({ end: { events, head: exported.head, board_format: boardFormat, state_hash } }, ExportEnd)}\n`;
  return exported;
}

function headerLine(ledger_id: string, { position, hash, rules }: Head): string {
  const format = "incident-ledger/export/1" as const;
  return `${writeLine({ format, chain: chainFormat, ledger_id, head: { position, hash }, rules }, ExportHeader)}\n`;
}

async function checkEnd(ledger: Ledger, check: EventCheck, head: Head): Promise<void> {
  const isErased = check.missing_text !== null;
  if (isErased && (await ledger.head()).position > head.position) throw new ErasedMeanwhile();
  const fault = check.end();
  if (fault !== null) throw damaged(fault);
  const wrong = { position: head.position, fault: "the head of the ledger says another hash or other rules" };
  if (check.hash !== head.hash || check.board.rules !== head.rules) throw damaged(wrong);
}

function damaged({ position, fault }: Fault): WrongContent {
  return new WrongContent(`Position ${position}: ${fault}. What is damaged is not exported; run verify to learn more.`);
}
