import type { Worker } from "node:worker_threads";
import { startWorker } from "../../runtime/start-worker.ts";

/** What the worker is asked to do: shorten the WAL as far as it goes, or cut it to nothing. */
export type CheckpointOrder = "shorten" | "truncate";

/** What became of an order. */
export interface CheckpointReply {
  /** Whether all that was ordered could be done; else somebody was in the way, or it failed. */
  readonly done: boolean;
  readonly failure: string | null;
}

/** Whose WAL is looked after, and how to wait. */
export interface CheckpointerOptions {
  readonly file: string;
  readonly after: (delay_ms: number, callback: () => void) => () => void;
  /** Called when there is no worker any more: the writer has to look after its WAL itself. */
  readonly onLost: () => void;
  /** Called when the WAL was cut to nothing after all that asked for it. */
  readonly onTruncated: () => void;
}

/**
 * Four megabytes of new bodies: with indexes and page headers about twelve in the WAL. Checkpoints compete with commits
 * for the disk, and pages that change again and again in between are moved once.
 */
const busy_bytes = 4_194_304;
const idle_ms = 1000;
const retry_ms = 200;
/** The WAL's length, in pages of 4 KB, from which it is started again at its beginning, and from which with more force. */
const long_pages = 4096;
const huge_pages = 16_384;

/**
 * Has the WAL checkpointed in a thread of its own: when enough was written, when writing pauses, and after an erasure
 * until nothing of the old pages is left. Never keeps the process alive, and nothing depends on its success.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  /** Started with the first order, so that what is open for a moment only starts no thread. */
  #worker: Worker | null = null;
  #written = 0;
  /** What the worker is busy with, or null. */
  #ordered: CheckpointOrder | null = null;
  #truncate = false;
  #ended = false;
  #cancel: (() => void) | null = null;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Takes note of so many bytes of new bodies in the WAL. */
  noteWritten(bytes: number): void {
    this.#written += bytes;
    if (this.#written >= busy_bytes) this.#order();
    else this.#later(idle_ms);
  }

  /** Has the WAL cut to nothing, and tries again until it is. False where there is no worker any more to do it. */
  truncate(): boolean {
    this.#truncate = true;
    this.#order();
    return !this.#ended;
  }

  /** Ends the worker; resolves when it has let go of the file. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel?.();
    const worker = this.#worker;
    if (worker === null) return;
    const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    worker.ref();
    worker.postMessage("close");
    await exited;
  }

  #start(): Worker {
    const workerData = { file: this.#options.file, long_pages, huge_pages };
    const worker = startWorker(import.meta.url, "checkpoint-worker", workerData);
    worker.unref();
    worker.on("message", (reply: CheckpointReply) => this.#onReply(reply));
    // Whatever goes wrong in there ends the worker, and that is dealt with below.
    worker.on("error", () => {});
    worker.on("exit", () => {
      const lost = !this.#ended;
      this.#ended = true;
      this.#cancel?.();
      if (lost) this.#options.onLost();
    });
    return worker;
  }

  #order(): void {
    if (this.#ordered !== null || this.#ended) return;
    this.#cancel?.();
    this.#cancel = null;
    this.#ordered = this.#truncate ? "truncate" : "shorten";
    this.#truncate = false;
    this.#written = 0;
    this.#worker ??= this.#start();
    this.#worker.postMessage(this.#ordered);
  }

  #onReply({ done }: CheckpointReply): void {
    if (this.#ordered === "truncate") {
      if (!done) this.#truncate = true;
      else if (!this.#truncate) this.#options.onTruncated();
    }
    this.#ordered = null;
    if (this.#written >= busy_bytes) this.#order();
    else if (!done) this.#later(retry_ms);
    else if (this.#truncate) this.#order();
    else if (this.#written > 0) this.#later(idle_ms);
  }

  #later(delay_ms: number): void {
    if (this.#cancel !== null || this.#ordered !== null || this.#ended) return;
    this.#cancel = this.#options.after(delay_ms, () => {
      this.#cancel = null;
      this.#order();
    });
  }
}
