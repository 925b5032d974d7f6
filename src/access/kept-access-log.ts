import { limits } from "../config.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { AccessEntry, AccessLog } from "./access-log.ts";
import type { AccessFilter, AccessRecord, AccessRecords } from "./access-records.ts";
import { GatheredAccess } from "./gathered-access.ts";

/** What the access log is kept with. */
export interface KeptAccessLogOptions {
  readonly records: Pick<AccessRecords, "write" | "dropBefore" | "page" | "count">;
  readonly runtime: Pick<Runtime, "now" | "elapsed" | "after">;
  /** How long a record is kept, in days. */
  readonly days: number;
  readonly onTrouble: (what: string, error: unknown) => void;
}

const write_ms = 1000;
/** After a failure. */
const retry_ms = 5000;
const hour_ms = 60 * 60_000;
const day_ms = 24 * hour_ms;

/**
 * The access log: what happens at the door is gathered in memory, and written to the vault at most once a second and when the
 * service stops. While the vault fails nothing is lost but what is beyond `limits.access_log_waiting_rows`, which is counted;
 * nobody who asks for something else notices.
 */
export class KeptAccessLog implements AccessLog {
  readonly #options: KeptAccessLogOptions;
  readonly #gathered: GatheredAccess;
  #cancelWrite: (() => void) | null = null;
  #cancelDrop: () => void = () => {};
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: KeptAccessLogOptions) {
    this.#options = options;
    this.#gathered = new GatheredAccess(options.runtime);
    this.#dropOld();
  }

  record(entry: AccessEntry): void {
    this.#gathered.add(entry);
    this.#writeIn(write_ms);
  }

  /** One page of the records, the latest to begin first, with everything that has happened up to now. */
  async page(
    filter: AccessFilter,
    after: { readonly first_at: string; readonly id: number } | null,
    limit: number = limits.page_rows,
  ): Promise<readonly AccessRecord[]> {
    if (after === null) await this.flush();
    return this.#options.records.page(filter, after, limit);
  }

  /** How many records match. */
  async count(filter: AccessFilter): Promise<number> {
    await this.flush();
    return this.#options.records.count(filter);
  }

  /** Writes what was gathered. A failure is told and tried again later; it never rejects. */
  async flush(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = null;
    const writing = this.#writing.then(() => this.#write());
    this.#writing = writing;
    await writing;
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelDrop();
    await this.flush();
  }

  async #write(): Promise<void> {
    const rows = this.#gathered.unwritten;
    if (rows.length === 0) return;
    try {
      const written = await this.#options.records.write(rows);
      for (const { row, id, count } of written) this.#gathered.written(row, id, count);
    } catch (error) {
      const what = this.#isClosed ? "are lost" : "wait for another try";
      this.#options.onTrouble(`The access log could not be written; ${rows.length} records ${what}.`, error);
      this.#writeIn(retry_ms);
    }
  }

  #writeIn(delay_ms: number): void {
    if (this.#isClosed || this.#cancelWrite !== null) return;
    this.#cancelWrite = this.#options.runtime.after(delay_ms, () => {
      this.#cancelWrite = null;
      void this.flush();
    });
  }

  /** Now, and every hour from now on. */
  #dropOld(): void {
    const { records, runtime, days, onTrouble } = this.#options;
    const oldest = new Date(runtime.now() - days * day_ms).toISOString();
    records.dropBefore(oldest).catch((error: unknown) => {
      onTrouble("Old records of the access log could not be dropped; it is tried again in an hour.", error);
    });
    this.#cancelDrop = runtime.after(hour_ms, () => this.#dropOld());
  }
}
