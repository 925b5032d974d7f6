import type { Runtime } from "../../runtime/runtime.ts";
import type { EncodedEvent } from "../event-codec.ts";
import type {
  AppendResult,
  Commit,
  HashedEvent,
  Head,
  IdempotencyRecord,
  Ledger,
  ReadFilter,
  StoredEvent,
} from "../ledger.ts";
import { LedgerClosed } from "../ledger-errors.ts";
import { pageOf } from "../page.ts";
import { prepareCommits } from "../prepare-commits.ts";
import { WakeUps } from "../wake-ups.ts";
import { Checkpointer } from "./checkpointer.ts";
import { openDurable, type SqliteDatabase } from "./durable-database.ts";
import { ledgerFile } from "./ledger-tables.ts";
import { Remains } from "./remains.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { HeadReader, SqliteWriter } from "./sqlite-writer.ts";
import { truncateWal } from "./truncate-wal.ts";
import { WriterThread } from "./writer-thread.ts";

/** How a ledger's file is opened. */
export type SqliteLedgerOptions = ReadingOptions | WritingOptions;

interface CommonOptions {
  readonly file: string;
  /** How long a statement waits for another process's lock, in milliseconds (default 5000). */
  readonly busy_timeout_ms?: number;
}

interface ReadingOptions extends CommonOptions {
  /** Never creates or changes the ledger; safe beside a running service. */
  readonly readonly: true;
}

interface WritingOptions extends CommonOptions {
  readonly readonly?: false;
  readonly runtime: Pick<Runtime, "random" | "after">;
  /** Whether a thread of its own checkpoints the WAL (default true). Without it, now and then a commit does. */
  readonly checkpointer?: boolean;
  /** Whether a thread of its own writes, so that the caller's need not wait for the disk (default false). */
  readonly writer_thread?: boolean;
}

interface Open {
  readonly database: SqliteDatabase;
  readonly head: HeadReader;
  readonly reader: SqliteReader;
  readonly writer: SqliteWriter | null;
  /** Writes instead of `writer` as soon as it is ready. */
  readonly thread: WriterThread | null;
  readonly checkpointer: Checkpointer | null;
}

/** With a checkpointer, commits do no checkpoints; without one, SQLite's own at this many pages. */
const autocheckpoint_pages = 1000;
/** How many positions one statement looks at when only some types are wanted, before others get their turn. */
const scanned_positions = 20_000;
const truncate_retry_ms = 200;
/** A WAL that grew beyond this while somebody read is cut to it when it begins anew. */
const long_wal_bytes = 33_554_432;

/**
 * The ledger in one SQLite file. Reading is done when it is asked for, and what is returned is settled soon after; so is
 * writing, but where a thread of its own does it.
 */
export class SqliteLedger implements Ledger {
  readonly #options: SqliteLedgerOptions;
  readonly #wakeUps: WakeUps;
  readonly #erased = new Remains();
  #opened: Open | null;

  /** Prefer `openSqliteLedger`. */
  constructor(options: SqliteLedgerOptions) {
    this.#options = options;
    this.#opened = this.#open();
    // Texts that were erased just before a crash must not outlive it in what is left of the WAL.
    this.#truncate();
    this.#wakeUps = new WakeUps(this.#opened.head.read().head.position);
  }

  /** Resolves when the thread that writes has begun; until then the caller's writes. At once where there is none. */
  async whenThreadWrites(): Promise<void> {
    await this.#opened?.thread?.whenBegun();
  }

  async head(): Promise<Head> {
    const { head } = this.#here().head.read();
    this.#wakeUps.learn(head.position);
    return head;
  }

  async append(expected: number, commits: readonly Commit[]): Promise<AppendResult> {
    const { checkpointer } = this.#here();
    const writer = this.#writer();
    if (this.#options.readonly) throw readingOnly();
    const { runtime } = this.#options;
    const prepared = prepareCommits(expected, commits, (length) => runtime.random(length));
    if (prepared.events.length === 0) {
      const head = await this.head();
      return { appended: head.position === expected, head };
    }
    const keys = commits.flatMap(({ idempotency }) => idempotency ?? []);
    const result = await writer.append(expected, prepared, keys);
    this.#wakeUps.learn(result.head.position);
    if (!result.appended) return result;
    checkpointer?.noteWritten(bytesOf(prepared.events));
    if (prepared.erasures.length > 0) this.#truncate();
    return result;
  }

  async read(filter: ReadFilter): Promise<readonly HashedEvent[]> {
    const page = pageOf(filter);
    if (page.types === null || page.stream !== null) return this.#here().reader.events(page);
    const last = Math.min(page.until, this.#here().head.read().head.position);
    const found: HashedEvent[] = [];
    for (let after = page.after; after < last && found.length < page.limit; after += scanned_positions) {
      if (after > page.after) await new Promise((resolve) => setImmediate(resolve));
      const until = Math.min(after + scanned_positions, last);
      found.push(...this.#here().reader.events({ ...page, after, until, limit: page.limit - found.length }));
    }
    return found;
  }

  async readStored(after: number, limit: number): Promise<readonly StoredEvent[]> {
    const page = pageOf({ after, limit });
    return this.#here().reader.stored(page.after, page.limit);
  }

  async incidentNumber(incident_id: string): Promise<number | null> {
    return this.#here().reader.incidentNumber(incident_id);
  }

  async commitOf(command_id: string): Promise<{ readonly first: number; readonly last: number } | null> {
    return this.#here().reader.commitOf(command_id);
  }

  async idempotencyOf(scope: string, key: string, since: string): Promise<IdempotencyRecord | null> {
    return this.#here().reader.idempotencyOf(scope, key, since);
  }

  async forgetIdempotency(before: string): Promise<number> {
    return this.#writer().forget(before);
  }

  /**
   * Resolves when no file holds anything any more of what was erased before the call: usually at once, else as soon as
   * whoever reads the file lets go of it.
   */
  whenErased(): Promise<void> {
    return this.#erased.wait();
  }

  subscribe(listener: (position: number) => void): () => void {
    return this.#wakeUps.subscribe(listener);
  }

  async probe(): Promise<void> {
    await this.#writer().probe();
  }

  /** Where the file cannot be opened anew this throws, and what was there before can be read as before. */
  async reopen(): Promise<void> {
    const opened = this.#open();
    await this.close();
    this.#opened = opened;
    this.#truncate();
    this.#wakeUps.learn(this.#opened.head.read().head.position);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await opened?.thread?.close();
    await opened?.checkpointer?.close();
    opened?.database.close();
  }

  #open(): Open {
    const options = this.#options;
    const database = openDurable(ledgerFile, options);
    const head = new HeadReader(database);
    const reader = new SqliteReader(database);
    if (options.readonly) return { database, head, reader, writer: null, thread: null, checkpointer: null };
    const { file, busy_timeout_ms } = options;
    const pragmas = [
      `journal_size_limit = ${long_wal_bytes}`,
      `wal_autocheckpoint = ${options.checkpointer === false ? autocheckpoint_pages : 0}`,
    ];
    for (const pragma of pragmas) database.pragma(pragma);
    const writer = new SqliteWriter(database, head);
    const thread = options.writer_thread === true ? new WriterThread({ file, busy_timeout_ms, pragmas }) : null;
    const checkpointer = options.checkpointer === false ? null : this.#startCheckpointer(options, database, thread);
    return { database, head, reader, writer, thread, checkpointer };
  }

  #startCheckpointer({ file, runtime }: WritingOptions, database: SqliteDatabase, thread: WriterThread | null) {
    const onLost = (): void => {
      const pragma = `wal_autocheckpoint = ${autocheckpoint_pages}`;
      if (database.open) database.pragma(pragma);
      thread?.set(pragma).catch(() => {});
      if (this.#erased.areLeft) this.#truncate();
    };
    const after = (delay_ms: number, callback: () => void) => runtime.after(delay_ms, callback);
    return new Checkpointer({ file, after, onLost, onTruncated: () => this.#erased.gone() });
  }

  #here(): Open {
    if (this.#opened === null) throw new LedgerClosed();
    return this.#opened;
  }

  #writer(): SqliteWriter | WriterThread {
    const { writer, thread } = this.#here();
    if (writer === null) throw readingOnly();
    return thread?.isReady ? thread : writer;
  }

  /** After an erasure, which is rare, the WAL is cut at once and here; only where a reader is in the way, later. */
  #truncate(): void {
    const opened = this.#opened;
    if (opened === null || this.#options.readonly) return;
    if (truncateWal(opened.database, this.#options.busy_timeout_ms)) {
      this.#erased.gone();
      return;
    }
    this.#erased.remain();
    if (opened.checkpointer?.truncate()) return;
    this.#options.runtime.after(truncate_retry_ms, () => this.#truncate());
  }
}

/**
 * Opens the ledger in this file, and makes it where there is none, unless it is opened for reading only. Throws with a
 * sentence where it cannot be opened.
 */
export function openSqliteLedger(options: SqliteLedgerOptions): SqliteLedger {
  return new SqliteLedger(options);
}

function readingOnly(): Error {
  return new Error("This ledger was opened for reading only.");
}

function bytesOf(events: readonly EncodedEvent[]): number {
  let bytes = 0;
  for (const { meta, data, text } of events) bytes += meta.length + data.length + (text?.length ?? 0) + 300;
  return bytes;
}
