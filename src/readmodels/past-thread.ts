import type { Worker } from "node:worker_threads";
import type { Alternatives } from "../../projections/alternatives.ts";
import type { IncidentTexts } from "../../projections/incident-texts.ts";
import { UnreadableEvent } from "../ledger/ledger-errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { startWorker } from "../runtime/start-worker.ts";
import type { AnswerOf, BoardQuestions, QueryOf } from "./board-questions.ts";
import { type Past, PastUnavailable } from "./past.ts";
import type { PastReport, PastRequest, PastWorkerData } from "./past-messages.ts";

/** What answering about the past in a thread of its own needs. */
export interface PastThreadOptions extends PastWorkerData {
  readonly runtime: Pick<Runtime, "after">;
  /** Told in a sentence what went wrong. */
  readonly onFault?: (message: string) => void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Questions that may wait at a time. */
const most_waiting = 64;
/** After so long without a question the thread ends, and with it the boards that it keeps. */
const idle_ms = 10 * 60_000;

/** Answers questions about the past in a thread that is started by the first one and ends when nobody has asked for long. */
export class PastThread implements Past {
  readonly #options: PastThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #is_closed = false;
  #asked = 0;
  #cancel_idle = () => {};

  constructor(options: PastThreadOptions) {
    this.#options = options;
  }

  /** Whether the thread runs just now. */
  get isRunning(): boolean {
    return this.#worker !== null;
  }

  async board<Name extends keyof BoardQuestions>(
    position: number,
    question: Name,
    query: QueryOf<Name>,
  ): Promise<AnswerOf<Name>> {
    return (await this.#ask({ kind: "board", position, question, query })) as AnswerOf<Name>;
  }

  async texts(position: number, numbers: readonly number[]): Promise<readonly IncidentTexts[]> {
    if (numbers.length === 0) return [];
    return (await this.#ask({ kind: "texts", position, numbers })) as readonly IncidentTexts[];
  }

  async alternatives(positions: readonly number[]): Promise<readonly (Alternatives | null)[]> {
    if (positions.length === 0) return [];
    return (await this.#ask({ kind: "alternatives", positions })) as readonly (Alternatives | null)[];
  }

  async close(): Promise<void> {
    this.#is_closed = true;
    await this.#end("closed");
  }

  async #ask(request: PastRequest): Promise<unknown> {
    if (this.#is_closed) throw new PastUnavailable("closed");
    if (this.#waiting.size >= most_waiting) throw new PastUnavailable("busy");
    this.#cancel_idle();
    const worker = this.#worker ?? this.#start();
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, request });
    });
  }

  #start(): Worker {
    const { data_dir, ledger_file } = this.#options;
    const worker = startWorker(import.meta.url, "past-worker", { data_dir, ledger_file } satisfies PastWorkerData);
    let failure = "it ended";
    worker.on("message", (report: PastReport) => this.#onReport(report));
    worker.on("error", (error: unknown) => {
      // An error of a native module has lost its class on its way out of the thread.
      const has_message = typeof error === "object" && error !== null && "message" in error;
      failure = String(has_message ? error.message : error);
    });
    worker.on("exit", () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#options.onFault?.(`The thread that reads the past failed (${failure}); the next question starts it again.`);
      this.#sendAway("failing");
    });
    this.#worker = worker;
    return worker;
  }

  #onReport(report: PastReport): void {
    const waiting = this.#waiting.get(report.id);
    this.#waiting.delete(report.id);
    if (this.#waiting.size === 0) {
      this.#cancel_idle = this.#options.runtime.after(idle_ms, () => void this.#end("failing"));
    }
    if (waiting === undefined) return;
    if ("answer" in report) waiting.resolve(report.answer);
    else if ("damaged" in report) waiting.reject(new UnreadableEvent(report.damaged, "verify says why"));
    else waiting.reject(new Error(report.failure));
  }

  async #end(reason: "closed" | "failing"): Promise<void> {
    const worker = this.#worker;
    this.#cancel_idle();
    this.#worker = null;
    this.#sendAway(reason);
    await worker?.terminate();
  }

  #sendAway(reason: "closed" | "failing"): void {
    for (const { reject } of this.#waiting.values()) reject(new PastUnavailable(reason));
    this.#waiting.clear();
  }
}
