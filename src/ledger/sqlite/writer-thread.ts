import type { Worker } from "node:worker_threads";
import { startWorker } from "../../runtime/start-worker.ts";
import type { AppendResult, IdempotencyRecord } from "../ledger.ts";
import type { PreparedCommits } from "../prepared-commits.ts";
import { errorOf, packed, type WriterReply, type WriterSettings, type WriterTask } from "./writer-messages.ts";

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes the ledger in a thread of its own. What it does is what `SqliteWriter` does; only whoever waits for the disk is
 * not the desk. Once its thread is lost, everything rejects.
 */
export class WriterThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  #state: "starting" | "ready" | "ended" = "starting";
  readonly #exited: Promise<void>;
  readonly #begun: Promise<void>;
  #why = "it was closed";

  constructor(settings: WriterSettings) {
    this.#worker = startWorker(import.meta.url, "writer-worker", settings);
    this.#worker.unref();
    this.#worker.on("message", (reply: WriterReply) => this.#onReply(reply));
    this.#begun = new Promise((resolve) => {
      this.#worker.once("message", () => resolve());
      this.#worker.once("exit", () => resolve());
    });
    this.#worker.on("error", (error) => {
      this.#why = error instanceof Error ? error.message : String(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#state = "ended";
        for (const { reject } of this.#pending.values()) reject(this.#lost());
        this.#pending.clear();
        resolve();
      });
    });
  }

  /** Whether it has the file open: until then, and when it is lost, somebody else has to write. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Resolves when it is ready, or lost. */
  whenBegun(): Promise<void> {
    return this.#begun;
  }

  /** As `SqliteWriter.append`. */
  append(expected: number, prepared: PreparedCommits, keys: readonly IdempotencyRecord[]): Promise<AppendResult> {
    return this.#do({ kind: "append", expected, packed: packed(prepared), keys });
  }

  /** As `SqliteWriter.forget`. */
  forget(before: string): Promise<number> {
    return this.#do({ kind: "forget", before });
  }

  /** As `SqliteWriter.probe`. */
  probe(): Promise<void> {
    return this.#do({ kind: "probe" });
  }

  /** Changes a setting of its connection. */
  async set(pragma: string): Promise<void> {
    await this.#do({ kind: "set", pragma });
  }

  /** Does what it was asked to, then ends; resolves when it has let go of the file. */
  async close(): Promise<void> {
    if (this.#state === "ended") return;
    this.#worker.ref();
    this.#worker.postMessage("close");
    await this.#exited;
  }

  #do<Result>(task: WriterTask): Promise<Result> {
    if (this.#state === "ended") return Promise.reject(this.#lost());
    this.#last += 1;
    const id = this.#last;
    this.#worker.postMessage({ ...task, id });
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #onReply(reply: WriterReply): void {
    if (reply === "ready") {
      this.#state = "ready";
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("failure" in reply) pending?.reject(errorOf(reply.failure));
    else pending?.resolve(reply.result as never);
  }

  #lost(): Error {
    return new Error(`The thread that writes the ledger has ended: ${this.#why}.`);
  }
}
