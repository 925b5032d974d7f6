import type { Worker } from "node:worker_threads";
import type { Runtime } from "../../runtime/runtime.ts";
import { startWorker } from "../../runtime/start-worker.ts";
import { DamagedRow } from "../damaged-row.ts";
import { ListUnavailable } from "../list-unavailable.ts";
import { UnusableReadDatabase } from "../unusable-read-database.ts";
import type { StatisticsReport, StatisticsWorkerData } from "./statistics-messages.ts";
import { type StatisticsAnswer, type StatisticsQuery, TooManyGroups } from "./statistics-query.ts";

/** How many different questions may wait. Who comes later is told to come again. */
const most_waiting = 32;
/** A thread that nobody asks anything is ended after this time, and with it the memory that it took. */
const idle_ms = 60_000;

interface Question {
  readonly query: StatisticsQuery;
  readonly answered: Promise<StatisticsAnswer>;
  readonly settle: (report: StatisticsReport) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Has statistics computed by a thread of its own, one question at a time. The thread is started when somebody asks. Who asks
 * what somebody else waits for already gets the same answer; it is read from the file after both have asked.
 */
export class StatisticsThread {
  readonly #data: StatisticsWorkerData;
  readonly #runtime: Pick<Runtime, "after">;
  readonly #waiting = new Map<string, Question>();
  #asked: Question | null = null;
  #worker: Worker | null = null;
  #is_closed = false;
  #stopIdling = () => {};

  constructor(file: string, runtime: Pick<Runtime, "after">) {
    this.#data = { file };
    this.#runtime = runtime;
  }

  /** Answers from the file as it is when this is called, or later. Throws as `answerStatistics` does, or `ListUnavailable`. */
  ask(query: StatisticsQuery): Promise<StatisticsAnswer> {
    if (this.#is_closed) return Promise.reject(new ListUnavailable("closed"));
    const key = JSON.stringify(query);
    let question = this.#waiting.get(key);
    if (question === undefined) {
      if (this.#waiting.size >= most_waiting) return Promise.reject(new ListUnavailable("busy"));
      question = newQuestion(query);
      this.#waiting.set(key, question);
      this.#next();
    }
    return question.answered;
  }

  /** Ends the thread; who waits is told so. */
  async close(): Promise<void> {
    this.#is_closed = true;
    this.#failAll(new ListUnavailable("closed"));
    await this.#end();
  }

  #next(): void {
    if (this.#asked !== null) return;
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#stopIdling = this.#runtime.after(idle_ms, () => void this.#end());
      return;
    }
    const [key, question] = first;
    this.#waiting.delete(key);
    this.#asked = question;
    this.#stopIdling();
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(question.query);
  }

  #start(): Worker {
    const worker = startWorker(import.meta.url, "statistics-worker", this.#data);
    worker.on("message", (report: StatisticsReport) => {
      // While nobody waits for it, it must not keep a process alive that is done otherwise.
      worker.unref();
      const question = this.#asked;
      this.#asked = null;
      question?.settle(report);
      this.#next();
    });
    // What it failed on is told to whoever asked; the next question starts another one.
    worker.on("error", () => {});
    worker.on("exit", () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#asked?.fail(new ListUnavailable("failing"));
      this.#asked = null;
      this.#next();
    });
    return worker;
  }

  async #end(): Promise<void> {
    this.#stopIdling();
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #failAll(error: Error): void {
    this.#asked?.fail(error);
    this.#asked = null;
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
  }
}

function newQuestion(query: StatisticsQuery): Question {
  let resolve: (answer: StatisticsAnswer) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const answered = new Promise<StatisticsAnswer>((whenAnswered, whenFailed) => {
    resolve = whenAnswered;
    reject = whenFailed;
  });
  const settle = (report: StatisticsReport): void => {
    if (report.kind === "answer") resolve(report.answer);
    else reject(errorOf(report));
  };
  return { query, answered, settle, fail: reject };
}

function errorOf(report: Exclude<StatisticsReport, { kind: "answer" }>): Error {
  switch (report.kind) {
    case "damaged-row":
      return new DamagedRow(report.number);
    case "damaged-file":
      return new UnusableReadDatabase(report.why);
    case "too-many-groups":
      return new TooManyGroups(report.dimension);
    case "failed":
      return new Error(`The statistics could not be computed: ${report.why}`);
    default:
      return report satisfies never;
  }
}
