import type { Board } from "../../projections/board.ts";
import type { StoredEvent } from "../ledger/ledger.ts";
import { ChainWalk, type Erasure } from "./chain-walk.ts";
import { CommitWalk } from "./commit-walk.ts";
import { type Fault, FaultList } from "./fault.ts";
import { Rederivation } from "./rederivation.ts";
import { misshapenColumn } from "./row-shape.ts";
import { readStoredEvent } from "./stored-reading.ts";

/**
 * The audit for events that come one by one from the first, wherever they come from: chain, texts, schemas, commits,
 * decisions. It ends with the first thing that is wrong; nothing may be given to it after that.
 */
export class EventCheck {
  readonly #faults = new FaultList();
  readonly #chain = new ChainWalk(this.#faults);
  readonly #commits = new CommitWalk(this.#faults);
  readonly #decisions = new Rederivation();

  /** The last position that was checked, 0 at first. */
  get position(): number {
    return this.#chain.position;
  }

  /** The hash there, 64 hex digits; empty at first. */
  get hash(): string {
    return this.#chain.hash;
  }

  /** The fold of every whole commit so far. */
  get board(): Board {
    return this.#decisions.board;
  }

  /** How many commits there were. */
  get commits(): number {
    return this.#decisions.commits;
  }

  /** How many decisions were made again and came out as recorded. */
  get decisions(): number {
    return this.#decisions.decisions;
  }

  /** Texts that were erased, and the events that say so. */
  get erased(): readonly Erasure[] {
    return this.#chain.erased;
  }

  /** The first position whose text is gone without an event so far that says so, or null. */
  get missing_text(): number | null {
    const [first] = this.#chain.unexplained;
    return first ?? null;
  }

  /** Checks the next event; returns what is wrong, or null. */
  next(stored: StoredEvent): Fault | null {
    const misshapen = misshapenColumn(stored);
    if (misshapen !== null) return { position: stored.position, fault: `its ${misshapen} is not what it must be` };
    this.#chain.next(stored);
    const event = readStoredEvent(stored);
    if ("unreadable" in event) {
      this.#faults.add(stored.position, `it cannot be read: ${event.unreadable}`);
      return this.#first();
    }
    if (event.type === "text.erased") this.#chain.explain({ erased: event.data.erased, by: event.position });
    const commit = this.#commits.next(event);
    const known = this.#first();
    if (known !== null || commit === null) return known;
    const fault = this.#decisions.next(commit);
    const [unknown] = this.#decisions.unknown.keys();
    if (unknown === undefined) return fault;
    return { position: commit[0]?.position ?? null, fault: `this build does not know the rules ${unknown}` };
  }

  /** To be called where no more events come; returns what is wrong, or null. */
  end(): Fault | null {
    this.#commits.end();
    const position = this.missing_text;
    if (position !== null) this.#faults.add(position, "its text is gone, and no event says that it was erased");
    return this.#first();
  }

  #first(): Fault | null {
    return this.#faults.first[0] ?? null;
  }
}
