import type { Worker } from "node:worker_threads";
import { Remains } from "../ledger/sqlite/remains.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { startWorker } from "../runtime/start-worker.ts";
import { ConnectionPool } from "./connection-pool.ts";
import type { ListBackend } from "./list-backend.ts";
import type { ListConnection } from "./list-connection.ts";
import { listFile } from "./list-file.ts";
import type { ListOrder, ListReport, ListWorkerData } from "./list-messages.ts";
import { ListUnavailable } from "./list-unavailable.ts";
import { PositionWaiters } from "./position-waiters.ts";
import type { StatisticsAnswer, StatisticsQuery } from "./statistics/statistics-query.ts";
import { StatisticsThread } from "./statistics/statistics-thread.ts";

/** What the list needs to be kept in a file by a thread of its own. */
export interface ListThreadOptions {
  readonly data_dir: string;
  readonly ledger_file: string;
  readonly runtime: Pick<Runtime, "after">;
  /** A snapshot of the board is written after so many events (default 50,000). */
  readonly snapshot_events?: number;
  /** Told in a sentence what went wrong and was, or will be, dealt with. */
  readonly onFault?: (message: string) => void;
}

const default_snapshot_events = 50_000;
const first_pause_ms = 100;
const longest_pause_ms = 30_000;
const close_ms = 5000;
/** How long events gather before they are folded, where nobody waits for them. */
const gathering_ms = 50;
/** How soon it is tried again to forget what was erased, where a reader is in the way. */
const forget_retry_ms = 250;
/**
 * After so many failures in a row the list is built anew: something in it may be what the thread fails on. Those of the disk
 * do not count: a list that cannot be written just now can still be read.
 */
const failures_before_rebuild = 3;

/** The list in `read.db`, folded by a worker thread. The thread's end is noticed, and another one started after a pause. */
export class ListThread implements ListBackend {
  readonly #options: ListThreadOptions;
  readonly #connections: ConnectionPool;
  readonly #waiters: PositionWaiters;
  readonly #remains = new Remains();
  readonly #statistics: StatisticsThread;
  #worker: Worker | null = null;
  #unanswered: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #position = 0;
  #is_ready = false;
  #is_closed = false;
  #is_folding = false;
  #fold_again = false;
  /** How to call off the fold that is going to begin soon, or null. */
  #fold_soon: (() => void) | null = null;
  #failures = 0;
  /** How many of them the list may be to blame for. */
  #own_failures = 0;
  #is_storage_failing = false;

  constructor(options: ListThreadOptions) {
    this.#options = options;
    this.#connections = new ConnectionPool(listFile(options.data_dir).file);
    this.#waiters = new PositionWaiters(options.runtime);
    this.#statistics = new StatisticsThread(listFile(options.data_dir).file, options.runtime);
    this.#start();
  }

  get position(): number {
    return this.#position;
  }

  get unavailable(): ListUnavailable | null {
    if (this.#is_closed) return new ListUnavailable("closed");
    if (this.#is_ready) return null;
    return new ListUnavailable(this.#worker === null ? "failing" : "building");
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  wake(position: number): void {
    if (position <= this.#position || this.#worker === null || this.#fold_soon !== null) return;
    if (this.#is_folding) this.#fold_again = true;
    else this.#foldSoon();
  }

  async waitFor(position: number, timeout_ms: number): Promise<boolean> {
    if (position <= this.#position) return true;
    if (this.#is_closed) return false;
    const reached = this.#waiters.wait(position, timeout_ms);
    if (this.#is_folding) this.#fold_again = true;
    else if (this.#worker !== null) this.#foldNow();
    return reached;
  }

  async whenErased(position: number, timeout_ms: number): Promise<boolean> {
    if (!(await this.waitFor(position, timeout_ms))) return false;
    await this.#remains.wait();
    return true;
  }

  async read<Result>(work: (connection: ListConnection) => Promise<Result>): Promise<Result> {
    const { unavailable } = this;
    if (unavailable !== null) throw unavailable;
    return this.#connections.use(work);
  }

  async statistics(query: StatisticsQuery): Promise<StatisticsAnswer> {
    const { unavailable } = this;
    if (unavailable !== null) throw unavailable;
    return this.#statistics.ask(query);
  }

  async repair(number: number): Promise<void> {
    this.#tell(`The list's row of incident ${number} was damaged; it is folded anew from the ledger.`);
    await this.#ask({ kind: "repair", number });
  }

  rebuild(why: string): void {
    if (!this.#is_ready) return;
    this.#stopReading();
    this.#ask({ kind: "rebuild", why }).catch(() => {});
  }

  async snapshot(): Promise<boolean> {
    return this.#ask({ kind: "snapshot" }).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    if (this.#is_closed) return;
    this.#is_closed = true;
    this.#fold_soon?.();
    this.#waiters.giveUp();
    this.#stopReading();
    await this.#statistics.close();
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const cancel = this.#options.runtime.after(close_ms, () => void worker.terminate());
    this.#ask({ kind: "close" }).catch(() => {});
    await ended;
    cancel();
  }

  #start(): void {
    const workerData: ListWorkerData = {
      data_dir: this.#options.data_dir,
      ledger_file: this.#options.ledger_file,
      rebuild: this.#own_failures >= failures_before_rebuild,
      snapshot_events: this.#options.snapshot_events ?? default_snapshot_events,
    };
    if (workerData.rebuild) this.#own_failures = 0;
    this.#is_storage_failing = false;
    const worker = startWorker(import.meta.url, "list-worker", workerData);
    this.#worker = worker;
    let failure = "it ended";
    worker.on("message", (report: ListReport) => this.#onReport(report));
    worker.on("error", (error: unknown) => {
      // An error of a native module has lost its class on its way out of the thread.
      const has_message = typeof error === "object" && error !== null && "message" in error;
      failure = String(has_message ? error.message : error);
    });
    worker.on("exit", () => this.#onExit(failure));
    // The thread begins by folding.
    this.#fold(this.#answer());
  }

  #onReport(report: ListReport): void {
    switch (report.kind) {
      case "ready":
        this.#is_ready = !this.#is_closed;
        return;
      case "building":
        this.#stopReading();
        this.#tell(`The list of incidents is built from the ledger, because ${report.why}.`);
        return;
      case "folded":
        this.#position = report.position;
        this.#waiters.reached(report.position);
        return;
      case "erased":
        if (report.is_left) this.#forgetLater();
        else this.#remains.gone();
        return;
      case "fault":
        this.#tell(report.message);
        return;
      case "storage":
        this.#is_storage_failing = true;
        return;
      case "done":
        this.#failures = 0;
        this.#own_failures = 0;
        this.#unanswered.shift()?.resolve();
        return;
      default:
        report satisfies never;
    }
  }

  #onExit(failure: string): void {
    this.#worker = null;
    for (const { reject } of this.#unanswered.splice(0)) reject(new ListUnavailable("failing"));
    if (this.#is_closed) return;
    const pause_ms = Math.min(first_pause_ms * 2 ** this.#failures, longest_pause_ms);
    this.#failures += 1;
    if (!this.#is_storage_failing) this.#own_failures += 1;
    this.#tell(`The thread that folds the list of incidents failed (${failure}); it starts again in ${pause_ms} ms.`);
    this.#options.runtime.after(pause_ms, () => {
      if (!this.#is_closed) this.#start();
    });
  }

  /** Every fold tries again to forget what was erased. */
  #forgetLater(): void {
    this.#remains.remain();
    this.#options.runtime.after(forget_retry_ms, () => {
      if (this.#is_closed || !this.#remains.areLeft) return;
      if (this.#is_folding) this.#fold_again = true;
      else this.#foldNow();
    });
  }

  #stopReading(): void {
    this.#is_ready = false;
    this.#position = 0;
    this.#connections.release();
  }

  /** Under load a fold of many events costs a fraction of many folds; whoever waits for one gets it at once. */
  #foldSoon(): void {
    this.#fold_soon ??= this.#options.runtime.after(gathering_ms, () => this.#foldNow());
  }

  #foldNow(): void {
    this.#fold_soon?.();
    this.#fold_soon = null;
    if (this.#worker !== null && !this.#is_folding) this.#fold(this.#ask({ kind: "fold" }));
  }

  #fold(done: Promise<void>): void {
    this.#is_folding = true;
    this.#fold_again = false;
    done.then(
      () => {
        this.#is_folding = false;
        if (!this.#fold_again) return;
        if (this.#waiters.size > 0) this.#foldNow();
        else this.#foldSoon();
      },
      () => {
        this.#is_folding = false;
      },
    );
  }

  #ask(order: ListOrder): Promise<void> {
    if (this.#worker === null) return Promise.reject(new ListUnavailable("failing"));
    this.#worker.postMessage(order);
    return this.#answer();
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => this.#unanswered.push({ resolve, reject }));
  }

  #tell(message: string): void {
    try {
      this.#options.onFault?.(message);
    } catch {
      // Whoever listens cannot make things worse.
    }
  }
}
