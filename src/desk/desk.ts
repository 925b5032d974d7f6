import { EventEmitter } from "eventemitter3";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Board } from "../../projections/board.ts";
import type { AppendResult, Commit, Ledger } from "../ledger/ledger.ts";
import { InvalidCommit } from "../ledger/ledger-errors.ts";
import { latestRules } from "../rules/rules.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { BatchDecider, UndecidableBatch } from "./batch-decider.ts";
import { type DeskMeter, outcomeWord } from "./desk-meter.ts";
import { DeskTime } from "./desk-time.ts";
import { LiveBoard, type LiveBoardOptions } from "./live-board.ts";
import { adoptNewestRules, openLedger } from "./opening.ts";
import { sortOut, unlessUnreadable, type Waiting } from "./repeats.ts";
import { DeskUnavailable, type Outcome, type Submission, unavailable } from "./submission.ts";
import { WaitingLine } from "./waiting-line.ts";

/** What a desk needs, and its limits. */
export interface DeskOptions extends LiveBoardOptions {
  /** Who joins the first team when the ledger is opened. */
  readonly handlers?: readonly string[];
  /** How many commands may wait (default 10,000). */
  readonly queue_length?: number;
  /** How long a command may wait for its turn (default 5 seconds); then it is turned away, and nothing of it was written. */
  readonly longest_wait_ms?: number;
  /** How many commands go into one transaction at most (default 256). */
  readonly batch_length?: number;
  /**
   * Whether those who were answered get a moment to return where a batch took long (default false): for ledgers that are
   * written elsewhere. Where this thread itself waits for the disk, whatever came meanwhile is there at once.
   */
  readonly lets_return?: boolean;
  /** Hears of failures of the storage and of listeners, for the log. */
  readonly onTrouble?: (what: string, error: unknown) => void;
  readonly meter?: DeskMeter;
}

/** What the desk does with commands just now: it takes them when it is ready. */
export type DeskState = "ready" | "failing" | "closing" | "rules-too-new";

const firstPause_ms = 100;
const longestPause_ms = 10_000;
const defaults = { queue_length: 10_000, longest_wait_ms: 5000, batch_length: 256 };

/**
 * Runs commands: those that have gathered are decided one after another on the board and written in one transaction;
 * only then are their callers answered.
 */
export class Desk {
  readonly #options: DeskOptions;
  readonly #ledger: Ledger;
  readonly #runtime: Runtime;
  readonly #time: DeskTime;
  readonly #live: LiveBoard;
  readonly #signals = new EventEmitter<{ committed: (events: readonly RecordedEvent[]) => void }>();
  #state: DeskState = "ready";
  readonly #waiting: WaitingLine;
  readonly #decider: BatchDecider;
  #running: Promise<void> | null = null;
  #last_append_ms = 0;

  private constructor(options: DeskOptions, board: Board) {
    this.#options = options;
    this.#ledger = options.ledger;
    this.#runtime = options.runtime;
    this.#time = new DeskTime(options.runtime);
    this.#waiting = new WaitingLine(options.runtime);
    this.#live = new LiveBoard(options, board);
    this.#decider = new BatchDecider(() => this.#runtime.uuid());
  }

  /** Opens the desk over a ledger, writing its first commit where there is none. */
  static async open(options: DeskOptions): Promise<Desk> {
    const { ledger, runtime } = options;
    await openLedger(ledger, runtime, options.handlers ?? []);
    const desk = new Desk(options, await options.loadBoard());
    await adoptNewestRules(ledger, desk.board, runtime, desk.now());
    desk.#live.markDurable();
    desk.#state = desk.#restingState();
    return desk;
  }

  /** The board. It may run ahead of what is durable: see `readable`. */
  get board(): Board {
    return this.#live.board;
  }

  get state(): DeskState {
    return this.#state;
  }

  /** The last position known to be durable: at least the last one that was acknowledged. */
  get durable_position(): number {
    return this.#live.durable_position;
  }

  /** How many commands wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many commands may wait. */
  get queue_length(): number {
    return this.#options.queue_length ?? defaults.queue_length;
  }

  /** Desk time now, an instant. */
  now(): string {
    return this.#time.now(this.board.last_commit_at);
  }

  /** By how many milliseconds desk time is ahead of the wall clock. */
  clockAhead_ms(): number {
    return this.#time.ahead_ms(this.board.last_commit_at);
  }

  /** Resolves when the board shows only what is durable. Throws `DeskUnavailable` where that takes too long. */
  readable(): Promise<void> {
    return this.#live.readable();
  }

  /** Calls back with the events of whole commits, in order, once they are durable. Returns the way to stop. */
  onCommitted(listener: (events: readonly RecordedEvent[]) => void): () => void {
    const guarded = (events: readonly RecordedEvent[]) => {
      try {
        listener(events);
      } catch (error) {
        this.#options.onTrouble?.("a listener of commits failed", error);
      }
    };
    this.#signals.on("committed", guarded);
    return () => this.#signals.off("committed", guarded);
  }

  /**
   * Runs a command. Resolves once its outcome is durable; a refusal is an outcome. Rejects with `DeskUnavailable` where
   * the desk cannot take it.
   */
  submit(submission: Submission): Promise<Outcome> {
    const refused = this.#unavailability();
    if (refused !== null) {
      this.#options.meter?.settled(submission.command.kind, "unavailable");
      return Promise.reject(refused);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.join({ submission, resolve, reject, since_ms: this.#runtime.elapsed(), is_told: false });
      this.#running ??= this.#run();
    });
  }

  /** Learns of what others appended, and does what is due. */
  async catchUp(): Promise<void> {
    await this.submit({ command: { kind: "pass-time", at: this.now() }, actor: "clock" });
  }

  /** Takes no more commands; resolves when those taken are answered. */
  async close(): Promise<void> {
    this.#state = "closing";
    while (this.#running !== null) await this.#running;
  }

  #unavailability(): DeskUnavailable | null {
    if (this.#state !== "ready") return unavailable(this.#state);
    return this.#waiting.length >= this.queue_length ? unavailable("queue-full") : null;
  }

  /** One batch after another. Load makes batches by itself, but where the disk is slow: see `letReturn`. */
  async #run(): Promise<void> {
    try {
      for (let is_first = true; this.#waiting.length > 0; is_first = false) {
        const most = this.#options.batch_length ?? defaults.batch_length;
        if (!is_first && this.#options.lets_return === true) await this.#waiting.letReturn(most, this.#last_append_ms);
        await this.#waiting.gather(most);
        this.#turnAwayLate();
        if (this.#waiting.length > 0) await this.#attempt(this.#waiting.take(most));
      }
    } finally {
      this.#running = null;
    }
  }

  /** Those that have waited too long: whoever waits for them has given up, or will send more. */
  #turnAwayLate(): void {
    const latest_ms = this.#runtime.elapsed() - (this.#options.longest_wait_ms ?? defaults.longest_wait_ms);
    for (const waiting of this.#waiting.takeLate(latest_ms)) {
      if (waiting.is_told) continue;
      this.#options.meter?.settled(waiting.submission.command.kind, "unavailable");
      waiting.reject(unavailable("queue-full"));
    }
  }

  async #attempt(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#runBatch(batch);
    } catch (error) {
      if (error instanceof UndecidableBatch) await this.#isolate(batch, error.cause);
      else await this.#fail(batch, error);
    }
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    await this.#foldWhatWasMissed();
    const { answers, toDecide, putOff } = await sortOut(batch, this.#ledger, this.#runtime);
    const ready: Waiting[] = [];
    for (const waiting of toDecide) {
      if (await unlessUnreadable(waiting, () => this.#live.layBeside(waiting.submission))) ready.push(waiting);
      else this.#options.meter?.settled(waiting.submission.command.kind, "failed");
    }
    const expected = this.board.position;
    this.#live.runAhead();
    const { decided, commits, left } = this.#decider.decideAll(this.board, ready, () => this.now());
    if (commits.length > 0 && !(await this.#append(expected, commits)).appended) {
      await this.#reload();
      this.#waiting.putBack(...batch.filter((waiting) => !waiting.is_told));
      return;
    }
    this.#live.markDurable();
    if (commits.length > 0) {
      this.#signals.emit(
        "committed",
        commits.flatMap((commit) => commit.events),
      );
    }
    for (const { waiting, outcome } of [...answers, ...decided]) {
      this.#options.meter?.settled(waiting.submission.command.kind, outcomeWord(outcome));
      waiting.resolve(outcome);
    }
    this.#waiting.putBack(...left, ...putOff);
  }

  async #append(expected: number, commits: readonly Commit[]): Promise<AppendResult> {
    const began_ms = this.#runtime.elapsed();
    try {
      const result = await this.#ledger.append(expected, commits);
      this.#last_append_ms = this.#runtime.elapsed() - began_ms;
      if (result.appended) this.#options.meter?.appended(commits.length, this.#last_append_ms);
      return result;
    } catch (error) {
      throw error instanceof InvalidCommit ? new UndecidableBatch(error) : error;
    }
  }

  /** Folds the board anew; those who listen hear of what turned out to be durable. */
  async #reload(): Promise<void> {
    const missed = await this.#live.reload();
    if (missed.length > 0) this.#signals.emit("committed", missed);
  }

  async #foldWhatWasMissed(): Promise<void> {
    for await (const events of this.#live.catchUp()) this.#signals.emit("committed", events);
    const resting = this.#restingState();
    if (this.#state === "ready" && resting !== "ready") {
      this.#state = resting;
      throw this.#unavailability() ?? new Error("the rules are not known");
    }
  }

  #restingState(): DeskState {
    return this.board.rules > latestRules ? "rules-too-new" : "ready";
  }

  /** A command that the code cannot deal with, which is a bug, fails alone: those beside it are decided again. */
  async #isolate(batch: readonly Waiting[], cause: unknown): Promise<void> {
    try {
      await this.#reload();
    } catch (error) {
      await this.#fail(batch, error);
      return;
    }
    const [only] = batch;
    if (only !== undefined && batch.length === 1) {
      this.#options.meter?.settled(only.submission.command.kind, "failed");
      this.#options.onTrouble?.("a command could not be decided", cause);
      only.reject(cause);
      return;
    }
    for (const waiting of batch) if (!waiting.is_told) await this.#attempt([waiting]);
  }

  /** After a failed append it is unknown what was written: nobody is told yes, and the board is folded anew. */
  async #fail(batch: readonly Waiting[], error: unknown): Promise<void> {
    const isRefusal = error instanceof DeskUnavailable;
    const told = isRefusal ? error : unavailable("outcome-unknown");
    if (!isRefusal) {
      this.#options.onTrouble?.("the ledger could not be written", error);
      if (this.#state === "ready") this.#state = "failing";
    }
    for (const waiting of [...batch, ...this.#waiting.take()]) {
      if (!waiting.is_told) this.#options.meter?.settled(waiting.submission.command.kind, "unavailable");
      waiting.reject(told);
    }
    if (!isRefusal) await this.#recover();
  }

  /** Folds the board from what is durable as soon as that can be read; probes with growing pauses until it can be written. */
  async #recover(): Promise<void> {
    this.#live.runAhead();
    let unopened: { readonly why: unknown } | null = null;
    for (let pause_ms = firstPause_ms; ; pause_ms = Math.min(2 * pause_ms, longestPause_ms)) {
      try {
        if (this.#live.isAhead || unopened !== null) {
          const failed = (why: unknown) => ({ why });
          unopened = await this.#ledger.reopen().then(() => null, failed);
          // Where the file cannot be opened anew, what was durable before can still be read.
          if (this.#live.isAhead) await this.#reload();
        }
        if (unopened !== null) throw unopened.why;
        if (this.#state === "closing") return;
        await this.#ledger.probe();
        if (this.#state === "failing") this.#state = this.#restingState();
        return;
      } catch (error) {
        this.#options.onTrouble?.("the ledger is not back yet", error);
        if (this.#state === "closing") return;
        await new Promise<void>((resolve) => {
          this.#runtime.after(pause_ms, resolve);
        });
      }
    }
  }
}
