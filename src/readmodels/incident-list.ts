import type { Ledger } from "../ledger/ledger.ts";
import { DamagedRow } from "./damaged-row.ts";
import type { ListBackend } from "./list-backend.ts";
import type { ListConnection } from "./list-connection.ts";
import { ListInMemory } from "./list-in-memory.ts";
import { type Page, readPage } from "./list-page.ts";
import type { ListQuery } from "./list-query.ts";
import { ListThread, type ListThreadOptions } from "./list-thread.ts";
import { ListUnavailable } from "./list-unavailable.ts";
import type { StatisticsAnswer, StatisticsQuery } from "./statistics/statistics-query.ts";
import { isDamage } from "./unusable-read-database.ts";

/** How often a page is read again after a row in it was repaired. */
const most_repairs = 20;
const default_patience_ms = 5000;

/**
 * The list of all incidents, by any of their fields: a fold of the ledger that is kept beside it and made again at will.
 * Nothing that goes wrong with it reaches the desk; it answers with `ListUnavailable` then.
 */
export class IncidentList {
  readonly #backend: ListBackend;
  #faults = 0;

  /** Prefer `open`, or `inMemory` in tests. */
  constructor(backend: ListBackend) {
    this.#backend = backend;
  }

  /** The list in `read.db` of a data directory, folded by a thread of its own, which starts at once. */
  static open(options: ListThreadOptions): IncidentList {
    return new IncidentList(new ListThread(options));
  }

  /** The same list in memory, folded from the ledger whenever it is asked. */
  static inMemory(ledger: Ledger): IncidentList {
    return new IncidentList(new ListInMemory(ledger));
  }

  /** The position up to which it is folded; 0 while it cannot be asked. */
  get position(): number {
    return this.#backend.position;
  }

  /** `ready`: it can be asked. `building`: not yet. `failing`: its thread has ended since it last came up with the ledger. */
  get state(): "ready" | "building" | "failing" {
    if (this.#backend.isFailing) return "failing";
    return this.#backend.unavailable === null ? "ready" : "building";
  }

  /** How many rows were found damaged, and repaired, since the start. */
  get faults(): number {
    return this.#faults;
  }

  /** Says that the ledger has come to this position. Cheap: to be called for every commit. */
  wake(position: number): void {
    this.#backend.wake(position);
  }

  /** True as soon as the list is folded up to the position; false when it is not within that time. */
  waitFor(position: number, timeout_ms: number): Promise<boolean> {
    return this.#backend.waitFor(position, timeout_ms);
  }

  /** Resolves when the list is folded that far and no file of it holds anything any more of what was erased up to there. */
  whenErased(position: number, timeout_ms: number): Promise<boolean> {
    return this.#backend.whenErased(position, timeout_ms);
  }

  /**
   * One page, as of one position, which is `at_least` that one: it waits for it up to five seconds. A damaged row is never
   * shown: it is folded anew from the ledger first. Throws `ListUnavailable`, and `InvalidCursor` for a foreign cursor.
   */
  page(query: ListQuery, at_least = 0): Promise<Page> {
    return this.ask((connection) => readPage(connection, query), at_least);
  }

  /** Reads anything of the list, under the same conditions as a page. */
  ask<Result>(work: (connection: ListConnection) => Promise<Result>, at_least = 0): Promise<Result> {
    return this.#read(at_least, () => this.#backend.read(work));
  }

  /**
   * The statistics of a selection of incidents, ready to go out, as of one position, which is `at_least` that one. They are
   * computed in a thread of their own. Damaged measures are made again first. Throws `ListUnavailable` and `TooManyGroups`.
   */
  async statistics(query: StatisticsQuery, at_least = 0): Promise<StatisticsAnswer> {
    const answer = await this.#read(at_least, () => this.#backend.statistics(query));
    if (answer.position < at_least) throw new ListUnavailable("behind");
    return answer;
  }

  async #read<Result>(at_least: number, read: () => Promise<Result>): Promise<Result> {
    if (at_least > this.position && !(await this.waitFor(at_least, default_patience_ms))) {
      throw this.#backend.unavailable ?? new ListUnavailable("behind");
    }
    for (let repairs = 0; repairs < most_repairs; repairs += 1) {
      try {
        return await read();
      } catch (error) {
        await this.#mend(error);
      }
    }
    this.#backend.rebuild("one damaged row after another was found in it");
    throw new ListUnavailable("building");
  }

  /** Writes a snapshot of the board as of now; whether that was possible. */
  snapshot(): Promise<boolean> {
    return this.#backend.snapshot();
  }

  /** Ends the thread and lets go of the file. */
  close(): Promise<void> {
    return this.#backend.close();
  }

  async #mend(error: unknown): Promise<void> {
    if (error instanceof DamagedRow) {
      this.#faults += 1;
      await this.#backend.repair(error.number);
      return;
    }
    if (!isDamage(error)) throw error;
    this.#faults += 1;
    this.#backend.rebuild(error instanceof Error ? error.message : String(error));
    throw new ListUnavailable("building");
  }
}
