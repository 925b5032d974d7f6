import { setImmediate as nextTurn } from "node:timers/promises";
import type { AppendResult, Commit, Ledger } from "../../src/ledger/ledger.ts";
import type { Choices } from "./choices.ts";

/** The ledger as one process sees it: between any two of its calls, or within one, the process may die. */
export class MortalLedger implements Ledger {
  readonly #inner: Ledger;
  readonly #choices: Choices;
  readonly #onAppended: () => Promise<void>;
  #steps_left = Number.POSITIVE_INFINITY;
  #is_dead = false;
  #die: () => void = () => {};
  /** Resolves when the process has died. */
  readonly death = new Promise<void>((resolve) => {
    this.#die = resolve;
  });
  /** The next appends fail: before they take effect, or after it. */
  failures: ("before" | "after")[] = [];
  /** How many more probes, and how many more reopenings, fail. */
  failing_probes = 0;
  failing_reopens = 0;

  /** `onAppended` is run, and waited for, whenever something was appended. */
  constructor(inner: Ledger, choices: Choices, onAppended: () => Promise<void>) {
    this.#inner = inner;
    this.#choices = choices;
    this.#onAppended = onAppended;
  }

  get isDead(): boolean {
    return this.#is_dead;
  }

  /** The process dies at the n-th call from now. */
  dieAfter(steps: number): void {
    this.#steps_left = steps;
  }

  /** Nothing more goes wrong by itself. */
  heal(): void {
    this.#steps_left = Number.POSITIVE_INFINITY;
    this.failures = [];
    this.failing_probes = 0;
    this.failing_reopens = 0;
  }

  async append(expected: number, commits: readonly Commit[]): Promise<AppendResult> {
    return this.#step(async () => {
      const failure = this.failures.shift();
      if (failure === "before") throw new Error("the disk is full");
      const result = await this.#inner.append(expected, commits);
      if (result.appended) await this.#onAppended();
      if (failure === "after") throw new Error("the disk did not say whether it wrote");
      return result;
    });
  }

  probe(): Promise<void> {
    return this.#step(async () => {
      this.failing_probes -= 1;
      if (this.failing_probes >= 0) throw new Error("the disk is still full");
    });
  }

  reopen(): Promise<void> {
    return this.#step(async () => {
      this.failing_reopens -= 1;
      if (this.failing_reopens >= 0) throw new Error("the file cannot be opened");
    });
  }

  head: Ledger["head"] = () => this.#step(() => this.#inner.head());
  read: Ledger["read"] = (filter) => this.#step(() => this.#inner.read(filter));
  readStored: Ledger["readStored"] = (after, limit) => this.#step(() => this.#inner.readStored(after, limit));
  incidentNumber: Ledger["incidentNumber"] = (id) => this.#step(() => this.#inner.incidentNumber(id));
  commitOf: Ledger["commitOf"] = (command_id) => this.#step(() => this.#inner.commitOf(command_id));
  idempotencyOf: Ledger["idempotencyOf"] = (scope, key, since) =>
    this.#step(() => this.#inner.idempotencyOf(scope, key, since));
  forgetIdempotency: Ledger["forgetIdempotency"] = (before) => this.#step(() => this.#inner.forgetIdempotency(before));
  subscribe: Ledger["subscribe"] = () => () => {};
  close: Ledger["close"] = async () => {};

  /** A call takes some turns, in which others have theirs. A process that dies in it never hears what became of it. */
  async #step<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let turns = this.#choices.below(3); turns > 0; turns -= 1) await nextTurn();
    if (this.#is_dead) return never();
    this.#steps_left -= 1;
    const isLast = this.#steps_left < 0;
    if (isLast && this.#choices.percent(50)) return this.#end();
    const outcome = await work().then(
      (result) => () => result,
      (error: unknown) => () => {
        throw error;
      },
    );
    if (isLast) return this.#end();
    return this.#is_dead ? never() : outcome();
  }

  #end(): Promise<never> {
    this.#is_dead = true;
    this.#die();
    return never();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
