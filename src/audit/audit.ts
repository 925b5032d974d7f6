import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Head, Ledger, StoredEvent } from "../ledger/ledger.ts";
import type { Audit, AuditOptions, BoardCheck } from "./audit-report.ts";
import { ChainWalk } from "./chain-walk.ts";
import { CommitWalk } from "./commit-walk.ts";
import { FaultList } from "./fault.ts";
import { checkHead } from "./head-check.ts";
import { explainMissingTexts } from "./missing-texts.ts";
import { Rederivation } from "./rederivation.ts";
import { misshapenColumn } from "./row-shape.ts";
import { readStoredEvent } from "./stored-reading.ts";

const page_events = 1000;

/**
 * Audits a ledger from its first event to the head it has now: chain, texts, schemas, commits, decisions, head. It reads
 * in pages, each in a short read of its own, so it is safe beside a running service; its memory grows with what is open.
 */
export async function auditLedger(ledger: Ledger, options: AuditOptions = {}): Promise<Audit> {
  const head = await ledger.head();
  const pass = new AuditPass(head, options);
  await pass.run(ledger);
  return pass.result();
}

class AuditPass {
  readonly #head: Head;
  readonly #options: AuditOptions;
  readonly #faults = new FaultList();
  readonly #notes: string[] = [];
  readonly #chain = new ChainWalk(this.#faults);
  readonly #commits = new CommitWalk(this.#faults);
  readonly #decisions = new Rederivation();
  readonly #boards: BoardCheck[];
  /** False from where an event was changed, is missing or cannot be read: the board is not known after it. */
  #isFolding = true;
  #last: number;
  #events = 0;
  #whole_commits = 0;
  #noted_hash: string | null = null;

  constructor(head: Head, options: AuditOptions) {
    this.#head = head;
    this.#options = options;
    this.#last = Math.min(head.position, options.until_position ?? head.position);
    this.#boards = [...(options.boards ?? [])].sort((a, b) => a.position - b.position);
  }

  async run(ledger: Ledger): Promise<void> {
    await this.#walk(ledger);
    this.#checkEnd();
    await checkHead(ledger, this.#head, this.#faults);
    await explainMissingTexts(ledger, this.#chain, this.#faults);
    this.#checkNotedHead();
    this.#noteWhatWasLeftOut();
  }

  result(): Audit {
    const { position, hash, erased } = this.#chain;
    const { board, decisions, unknown } = this.#decisions;
    return {
      position,
      hash,
      ledger_id: board.ledger_id,
      events: this.#events,
      commits: this.#whole_commits,
      decisions,
      not_checkable: [...unknown].map(([rules, commits]) => ({ rules, commits })).sort((a, b) => a.rules - b.rules),
      erased,
      fault_count: this.#faults.count,
      faults: this.#faults.first,
      notes: this.#notes,
      board: this.#isFolding ? board : null,
    };
  }

  async #walk(ledger: Ledger): Promise<void> {
    const { until_time, onProgress } = this.#options;
    for (;;) {
      const page = await storedPage(ledger, this.#chain.position);
      if (typeof page === "string") {
        this.#faults.add(this.#chain.position + 1, `from here on the file cannot be read: ${page}`);
        this.#isFolding = false;
        this.#commits.drop();
        this.#last = this.#chain.position;
        return;
      }
      for (const event of page) {
        if (event.position > this.#last) return;
        const isAfter = until_time !== undefined && !this.#commits.isInside && event.recorded_at > until_time;
        if (isAfter) {
          this.#last = this.#chain.position;
          return;
        }
        this.#take(event);
      }
      onProgress?.(this.#chain.position, this.#last);
      if (page.length < page_events) return;
    }
  }

  #take(stored: StoredEvent): void {
    const misshapen = misshapenColumn(stored);
    if (misshapen !== null) {
      this.#chain.skip(stored.position);
      this.#faults.add(stored.position, `its row is damaged: ${misshapen} is not what it must be`);
      this.#commits.drop();
      this.#isFolding = false;
      return;
    }
    // What follows a broken chain cannot be told from what was recorded: making its decisions again proves nothing.
    if (!this.#chain.next(stored)) this.#isFolding = false;
    this.#events += 1;
    if (stored.position === this.#options.noted_head?.position) this.#noted_hash = this.#chain.hash;
    const event = readStoredEvent(stored);
    if ("unreadable" in event) {
      this.#faults.add(stored.position, `it cannot be read: ${event.unreadable}`);
      this.#commits.drop();
      this.#isFolding = false;
      return;
    }
    if (event.type === "text.erased") this.#chain.explain({ erased: event.data.erased, by: event.position });
    const commit = this.#commits.next(event);
    if (commit !== null) this.#takeCommit(commit, stored.position);
    else if (stored.position === this.#last && this.#last < this.#head.position) this.#last += 1;
  }

  #takeCommit(commit: readonly RecordedEvent[], position: number): void {
    this.#whole_commits += 1;
    if (!this.#isFolding) return;
    const fault = this.#decisions.next(commit);
    if (fault !== null) this.#faults.add(fault.position, fault.fault);
    for (let check = this.#boards[0]; check !== undefined && check.position <= position; check = this.#boards[0]) {
      this.#boards.shift();
      const isHere = check.position === position;
      const difference = isHere
        ? check.compare(this.#decisions.board, this.#chain.hash)
        : "the snapshot there stands in the middle of a commit";
      if (difference !== null) this.#faults.add(check.position, difference);
    }
  }

  #checkEnd(): void {
    const { position } = this.#chain;
    if (position < this.#last) {
      const { position: end } = this.#head;
      this.#faults.add(position + 1, `there is no event here, although the head says that the ledger ends at ${end}`);
      this.#isFolding = false;
    }
    this.#commits.end();
  }

  #checkNotedHead(): void {
    const { noted_head } = this.#options;
    if (noted_head === undefined) return;
    const { position, hash } = noted_head;
    if (this.#noted_hash === null) {
      const end = this.#chain.position;
      const why = end < this.#head.position ? `the audit was to end at ${end}` : `the ledger ends at ${end}`;
      this.#faults.add(position, `the head that was noted is not here: ${why}`);
    } else if (this.#noted_hash !== hash) {
      const found = `its hash is ${this.#noted_hash}, noted was ${hash}`;
      this.#faults.add(position, `this or something before it is not what it was when the head was noted: ${found}`);
    }
  }

  #noteWhatWasLeftOut(): void {
    if (!this.#isFolding) {
      const { position } = this.#decisions.board;
      this.#notes.push(
        `Decisions were made again up to position ${position} only: what follows was changed or cannot be read.`,
      );
    }
    for (const { position } of this.#boards) {
      if (this.#isFolding && position > this.#head.position) {
        this.#faults.add(position, `there is a snapshot of the board, but the ledger ends at ${this.#head.position}`);
      } else this.#notes.push(`The snapshot at position ${position} was not compared: the audit did not come to it.`);
    }
  }
}

/** One page of events, or what SQLite says of a file that it cannot read. */
async function storedPage(ledger: Ledger, after: number): Promise<readonly StoredEvent[] | string> {
  try {
    return await ledger.readStored(after, page_events);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
