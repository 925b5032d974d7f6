import { isDecision } from "../../events/registry.ts";
import { incidentOfStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import type { HashedEvent, Ledger } from "../../src/ledger/ledger.ts";
import { foldEvent } from "../../src/rules/rules.ts";
import { checkBoard } from "./check-board.ts";
import { checkCommit } from "./check-commit.ts";
import { Hits } from "./hits.ts";
import { ReferenceDesk } from "./reference-desk.ts";

/** Reads whatever is appended, whoever did it, and checks at each event and each commit what must hold of every ledger. */
export class Witness {
  readonly reference = new ReferenceDesk();
  readonly board = new Board();
  /** How many commits each command has. */
  readonly commits = new Map<string, number>();
  readonly #hits = new Hits();
  readonly #ledger: Ledger;
  #reading: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Reads what is new. Rejects at the first thing that does not hold, and ever after. */
  look(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    for (;;) {
      const events = await this.#ledger.read({ after: this.reference.position });
      if (events.length === 0) return;
      for (let rest = events; rest.length > 0; ) {
        const count = rest[0]?.meta.events ?? 1;
        // A page may end within a commit; the next one begins with it then.
        if (rest.length < count) break;
        this.#take(rest.slice(0, count));
        rest = rest.slice(count);
      }
    }
  }

  #take(commit: readonly HashedEvent[]): void {
    const [first] = commit;
    if (first === undefined) return;
    const { recorded_at: at, actor, command_id } = first;
    this.commits.set(command_id, (this.commits.get(command_id) ?? 0) + 1);
    const facts = commit.filter(({ type }) => !isDecision(type));
    checkCommit(this.reference, commit, facts, { at, actor, command_id }, this.#hits);
    for (const event of commit) foldEvent(this.board, event);
    this.board.clearBeside();
    checkBoard(this.board, this.reference, new Set(commit.flatMap(({ stream }) => incidentOfStream(stream) ?? [])));
  }
}
