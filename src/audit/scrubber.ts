import type { Worker } from "node:worker_threads";
import type { Runtime } from "../runtime/runtime.ts";
import { startWorker } from "../runtime/start-worker.ts";
import type { ScrubLimits, ScrubReport, ScrubWorkerData } from "./scrub-messages.ts";

/** Which ledger is scrubbed, how fast, and who hears of what is found. */
export interface ScrubberOptions {
  readonly ledger_file: string;
  readonly runtime: Pick<Runtime, "after">;
  readonly limits: ScrubLimits & { readonly scrub_first_pause_ms: number };
  /** Told of the first damage of each pass, in a sentence. */
  readonly onDamage: (message: string) => void;
  /** Told where the walk itself failed; it is tried again later. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/**
 * Walks the whole chain again and again while the service runs, slowly and in a thread of its own, because what nobody reads
 * can rot unseen. What it finds stays known until a later pass has been over everything and found nothing.
 */
export class Scrubber {
  readonly #options: ScrubberOptions;
  #worker: Worker | null = null;
  #cancel: () => void;
  #is_closed = false;
  #position = 0;
  #now: Found = nothing;
  #before: Found = nothing;

  constructor(options: ScrubberOptions) {
    this.#options = options;
    this.#cancel = options.runtime.after(options.limits.scrub_first_pause_ms, () => this.#start());
  }

  /** How far the pass under way is; at the head once it has ended. */
  get position(): number {
    return this.#position;
  }

  /** How many faults the pass under way has found, or the one before, whichever is more. */
  get faults(): number {
    return Math.max(this.#now.faults, this.#before.faults);
  }

  /** The first damage, as a sentence; null where none was found. */
  get damage(): string | null {
    return this.#now.first ?? this.#before.first;
  }

  /** Ends the walk; resolves when the thread has let go of the file. */
  async close(): Promise<void> {
    this.#is_closed = true;
    this.#cancel();
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    worker.ref();
    worker.postMessage("close");
    await ended;
  }

  #start(): void {
    const { ledger_file, limits } = this.#options;
    const { scrub_page_events, scrub_page_pause_ms, scrub_pass_pause_ms } = limits;
    const workerData: ScrubWorkerData = { ledger_file, scrub_page_events, scrub_page_pause_ms, scrub_pass_pause_ms };
    const worker = startWorker(import.meta.url, "scrub-worker", workerData);
    worker.unref();
    this.#worker = worker;
    let failure: unknown = new Error("the thread ended");
    worker.on("message", (report: ScrubReport) => this.#onReport(report));
    worker.on("error", (error: unknown) => {
      failure = error;
    });
    worker.on("exit", () => {
      this.#worker = null;
      if (this.#is_closed) return;
      this.#options.onTrouble("the background scrub failed; it begins again later", failure);
      this.#cancel = this.#options.runtime.after(scrub_pass_pause_ms, () => this.#start());
    });
  }

  #onReport({ position, faults, first, is_end }: ScrubReport): void {
    this.#position = position;
    if (first !== null && this.#now.first === null) {
      this.#options.onDamage(`The ledger is damaged: ${first}. The command verify tells more.`);
    }
    this.#now = { faults, first };
    if (!is_end) return;
    this.#before = this.#now;
    this.#now = nothing;
  }
}

interface Found {
  readonly faults: number;
  readonly first: string | null;
}

const nothing: Found = { faults: 0, first: null };
