import { EventEmitter } from "eventemitter3";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Board } from "../../projections/board.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import { foldEvent, latestRules } from "../rules/rules.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { decide, decideWhatIsDue } from "./deciding.ts";
import { DeskTime } from "./desk-time.ts";
import { adoptNewestRules, openLedger } from "./opening.ts";
import { storedIncident } from "./stored-incident.ts";
import { storedOutcome } from "./stored-outcome.ts";
import { DeskUnavailable, type Outcome, type Submission } from "./submission.ts";

export interface DeskOptions {
  readonly ledger: Ledger;
  readonly runtime: Runtime;
  /** Folds the board of the ledger up to its head; called at the start and after a failure. */
  readonly loadBoard: () => Promise<Board>;
  /** Who joins the first team when the ledger is opened. */
  readonly handlers?: readonly string[];
  /** How many commands may wait. */
  readonly queue_length?: number;
  /** How many commands go into one transaction at most. */
  readonly batch_length?: number;
  /** Hears of failures of the storage and of listeners, for the log. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

export type DeskState = "ready" | "failing" | "closing" | "rules-too-new";

interface Waiting {
  readonly submission: Submission;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

interface DeskEvents {
  committed: (events: readonly RecordedEvent[]) => void;
}

const firstPause_ms = 100;
const longestPause_ms = 10_000;
const readPatience_ms = 5000;

/**
 * Runs commands: those that have gathered are decided one after another on the board and written in one transaction;
 * only then are their callers answered. The board never holds what the ledger does not, for longer than a batch takes.
 */
export class Desk {
  readonly #options: DeskOptions;
  readonly #ledger: Ledger;
  readonly #time: DeskTime;
  readonly #signals = new EventEmitter<DeskEvents>();
  readonly #queue_length: number;
  readonly #batch_length: number;
  #board: Board;
  #state: DeskState = "ready";
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  /** Whether the board may hold what is not durable: while a batch is under way, and from a failure to the refold. */
  #isAhead = false;
  #readers: (() => void)[] = [];
  #durable_position: number;

  private constructor(options: DeskOptions, board: Board) {
    this.#options = options;
    this.#ledger = options.ledger;
    this.#time = new DeskTime(options.runtime);
    this.#queue_length = options.queue_length ?? 10_000;
    this.#batch_length = options.batch_length ?? 256;
    this.#board = board;
    this.#durable_position = board.position;
  }

  /** Opens the desk over a ledger, writing its first commit where there is none. */
  static async open(options: DeskOptions): Promise<Desk> {
    await openLedger(options.ledger, options.runtime, options.handlers ?? []);
    const board = await options.loadBoard();
    const desk = new Desk(options, board);
    await adoptNewestRules(options.ledger, board, options.runtime, desk.now());
    desk.#durable_position = board.position;
    desk.#state = desk.#restingState();
    return desk;
  }

  /** The board. Between two turns of the event loop it may run ahead of what is durable: see `readable`. */
  get board(): Board {
    return this.#board;
  }

  get state(): DeskState {
    return this.#state;
  }

  /** The last position that was acknowledged. */
  get durable_position(): number {
    return this.#durable_position;
  }

  /** How many commands wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Desk time now, an instant. */
  now(): string {
    return this.#time.now(this.#board.last_commit_at);
  }

  /** By how many milliseconds desk time is ahead of the wall clock. */
  clockAhead_ms(): number {
    return this.#time.ahead_ms(this.#board.last_commit_at);
  }

  /** Calls back with the events of every commit, in order, once they are durable. Returns the way to stop. */
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
   * Runs a command. Resolves once its outcome is durable; a refusal is an outcome. Throws `DeskUnavailable` where the
   * desk cannot take it.
   */
  submit(submission: Submission): Promise<Outcome> {
    const unavailable = this.#unavailability();
    if (unavailable !== null) return Promise.reject(unavailable);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ submission, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when the board shows only what is durable. Throws `DeskUnavailable` where that takes too long. */
  async readable(): Promise<void> {
    if (!this.#isAhead) return;
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#options.runtime.after(readPatience_ms, () => {
        this.#readers = this.#readers.filter((one) => one !== reader);
        reject(new DeskUnavailable("storage-failing", "The ledger cannot be read just now. Try again later.", 5));
      });
      const reader = () => {
        cancel();
        resolve();
      };
      this.#readers.push(reader);
    });
  }

  /** Learns of what others appended, and looks whether anything can be written. */
  async catchUp(): Promise<void> {
    await this.submit({ command: { kind: "pass-time", at: this.now() }, actor: "clock" });
  }

  /** Takes no more commands; resolves when those taken are answered. */
  async close(): Promise<void> {
    this.#state = "closing";
    while (this.#running !== null) await this.#running;
  }

  #unavailability(): DeskUnavailable | null {
    switch (this.#state) {
      case "ready":
        if (this.#waiting.length < this.#queue_length) return null;
        return new DeskUnavailable("queue-full", "Too many commands are waiting. Try again in a moment.", 1);
      case "failing":
        return new DeskUnavailable("storage-failing", "The ledger cannot be written just now. Try again later.", 5);
      case "closing":
        return new DeskUnavailable("closing", "The service is shutting down. Try again in a moment.", 5);
      case "rules-too-new": {
        const why = `The ledger is under rules ${this.#board.rules}, this build knows ${latestRules}. Update it.`;
        return new DeskUnavailable("rules-too-new", why, 60);
      }
      default: {
        const never: never = this.#state;
        throw new Error(`the desk cannot be ${String(never)}`);
      }
    }
  }

  /** One batch after another, a turn of the event loop before each, so that load makes batches by itself. */
  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        const batch = this.#waiting.splice(0, this.#batch_length);
        try {
          await this.#runBatch(batch);
        } catch (error) {
          await this.#fail(batch, error);
        } finally {
          if (!this.#isAhead) this.#releaseReaders();
        }
      }
    } finally {
      this.#running = null;
    }
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    await this.#foldWhatWasMissed();
    const answers: { readonly waiting: Waiting; readonly outcome: Outcome }[] = [];
    const { toDecide, putOff } = await this.#sortOut(batch, answers);
    for (const { submission } of toDecide) await this.#layBeside(submission);
    const expected = this.#board.position;
    const commits: Commit[] = [];
    this.#isAhead = true;
    for (const waiting of toDecide) {
      const { outcome, made } = this.#decideOne(waiting.submission);
      commits.push(...made);
      answers.push({ waiting, outcome });
    }
    if (commits.length > 0) {
      const result = await this.#ledger.append(expected, commits);
      if (!result.appended) {
        this.#board = await this.#options.loadBoard();
        this.#isAhead = false;
        this.#waiting.unshift(...batch);
        return;
      }
      this.#durable_position = this.#board.position;
    }
    this.#isAhead = false;
    this.#board.beside.clear();
    for (const commit of commits) this.#signals.emit("committed", commit.events);
    for (const { waiting, outcome } of answers) waiting.resolve(outcome);
    this.#waiting.unshift(...putOff);
  }

  #decideOne(submission: Submission): { readonly outcome: Outcome; readonly made: readonly Commit[] } {
    const newId = () => this.#options.runtime.uuid();
    const at = this.now();
    const due = decideWhatIsDue(this.#board, at, newId);
    const context = { command_id: submission.command_id ?? newId(), actor: submission.actor, at };
    const { outcome, commit } = decide(this.#board, submission, context);
    return { outcome, made: commit === null ? due : [...due, commit] };
  }

  /** Answers what was answered before; puts off what has its like in this batch until that is written. */
  async #sortOut(
    batch: readonly Waiting[],
    answers: { readonly waiting: Waiting; readonly outcome: Outcome }[],
  ): Promise<{ readonly toDecide: readonly Waiting[]; readonly putOff: readonly Waiting[] }> {
    const seen = new Set<string>();
    const toDecide: Waiting[] = [];
    const putOff: Waiting[] = [];
    for (const waiting of batch) {
      const marks = marksOf(waiting.submission);
      if (marks.length === 0) {
        toDecide.push(waiting);
        continue;
      }
      if (marks.some((mark) => seen.has(mark))) {
        putOff.push(waiting);
        continue;
      }
      for (const mark of marks) seen.add(mark);
      const outcome = await storedOutcome(this.#ledger, waiting.submission, this.#options.runtime.now());
      if (outcome === null) toDecide.push(waiting);
      else answers.push({ waiting, outcome });
    }
    return { toDecide, putOff };
  }

  /** Lays the incidents that a command names and that are not open beside the board. */
  async #layBeside({ command }: Submission): Promise<void> {
    const named = "incident" in command ? [command.incident] : [];
    if (command.kind === "merge") named.push(command.into);
    for (const number of named) {
      if (this.#board.incident(number) !== undefined || number > this.#board.last_incident) continue;
      const incident = await storedIncident(this.#ledger, number);
      if (incident !== null) this.#board.beside.set(number, incident);
    }
  }

  /** Folds what others appended since. */
  async #foldWhatWasMissed(): Promise<void> {
    const head = await this.#ledger.head();
    while (this.#board.position < head.position) {
      const events = await this.#ledger.read({ after: this.#board.position, until: head.position });
      if (events.length === 0) throw new Error(`the ledger has no event after position ${this.#board.position}`);
      for (const event of events) foldEvent(this.#board, event);
      this.#board.beside.clear();
      this.#signals.emit("committed", events);
    }
    this.#durable_position = this.#board.position;
    const resting = this.#restingState();
    if (this.#state !== "closing" && resting !== "ready") {
      this.#state = resting;
      throw this.#unavailability() ?? new Error("the rules are not known");
    }
  }

  #restingState(): DeskState {
    return this.#board.rules > latestRules ? "rules-too-new" : "ready";
  }

  /** After a failed append it is unknown what was written: nobody is told yes, and the board is folded anew. */
  async #fail(batch: readonly Waiting[], error: unknown): Promise<void> {
    const isRefusal = error instanceof DeskUnavailable;
    if (!isRefusal) {
      this.#options.onTrouble?.("the ledger could not be written", error);
      if (this.#state === "ready") this.#state = "failing";
    }
    const unavailable = isRefusal ? error : new DeskUnavailable("storage-failing", failed, 5);
    const rejected = [...batch, ...this.#waiting.splice(0)];
    for (const { reject } of rejected) reject(unavailable);
    if (!isRefusal) await this.#recover();
  }

  /** Probes with growing pauses; folds the board from what is durable as soon as that can be read. */
  async #recover(): Promise<void> {
    this.#isAhead = true;
    for (let pause_ms = firstPause_ms; ; pause_ms = Math.min(2 * pause_ms, longestPause_ms)) {
      try {
        if (this.#isAhead) {
          await this.#ledger.reopen();
          this.#board = await this.#options.loadBoard();
          this.#durable_position = this.#board.position;
          this.#isAhead = false;
          this.#releaseReaders();
        }
        if (this.#state === "closing") return;
        await this.#ledger.probe();
        this.#state = this.#restingState();
        return;
      } catch (error) {
        this.#options.onTrouble?.("the ledger is not back yet", error);
        if (this.#state === "closing") return;
        await new Promise<void>((resolve) => this.#options.runtime.after(pause_ms, resolve));
      }
    }
  }

  #releaseReaders(): void {
    for (const reader of this.#readers.splice(0)) reader();
  }
}

const failed = "The ledger could not be written; whether this was recorded is not known. Try again with the same key.";

/** By what a submission would be known again. */
function marksOf({ command_id, idempotency }: Submission): string[] {
  const marks = command_id === undefined ? [] : [command_id];
  return idempotency === undefined ? marks : [...marks, `${idempotency.scope} ${idempotency.key}`];
}
