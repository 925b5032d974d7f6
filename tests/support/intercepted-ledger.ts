import type { AppendResult, Commit, Head, Ledger } from "../../src/ledger/ledger.ts";
import { MemoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

/** A ledger in memory whose appends, probes and openings can be interrupted or made to fail. */
export class InterceptedLedger implements Ledger {
  readonly inner: MemoryLedger;
  /** Runs before each append, for example to let somebody else write first. */
  beforeAppend: () => Promise<void> = async () => {};
  /** The next appends fail: before they take effect, or after it. */
  failures: ("before" | "after")[] = [];
  /** How many more probes, and how many more reopenings, fail. */
  failing_probes = 0;
  failing_reopens = 0;
  /** Whether it cannot even be read until it is opened anew. */
  is_unreadable = false;
  /** How many commits each successful append wrote. */
  readonly batches: number[] = [];

  constructor(runtime: Runtime) {
    this.inner = new MemoryLedger({ runtime });
  }

  async append(expected: number, commits: readonly Commit[]): Promise<AppendResult> {
    await this.beforeAppend();
    const failure = this.failures.shift();
    if (failure === "before") throw new Error("the disk is full");
    const result = await this.inner.append(expected, commits);
    if (result.appended) this.batches.push(commits.length);
    if (failure === "after") throw new Error("the disk did not say whether it wrote");
    return result;
  }

  async probe(): Promise<void> {
    this.failing_probes -= 1;
    if (this.failing_probes >= 0) throw new Error("the disk is still full");
  }

  async reopen(): Promise<void> {
    this.failing_reopens -= 1;
    if (this.failing_reopens >= 0) throw new Error("the file cannot be opened");
    this.is_unreadable = false;
    await this.inner.reopen();
  }

  async head(): Promise<Head> {
    if (this.is_unreadable) throw new Error("the file cannot be read");
    return this.inner.head();
  }

  read: Ledger["read"] = (filter) => this.inner.read(filter);
  readStored: Ledger["readStored"] = (after, limit) => this.inner.readStored(after, limit);
  incidentNumber: Ledger["incidentNumber"] = (incident_id) => this.inner.incidentNumber(incident_id);
  commitOf: Ledger["commitOf"] = (command_id) => this.inner.commitOf(command_id);
  idempotencyOf: Ledger["idempotencyOf"] = (scope, key, since) => this.inner.idempotencyOf(scope, key, since);
  forgetIdempotency: Ledger["forgetIdempotency"] = (before) => this.inner.forgetIdempotency(before);
  subscribe: Ledger["subscribe"] = (listener) => this.inner.subscribe(listener);
  close: Ledger["close"] = () => this.inner.close();
}
