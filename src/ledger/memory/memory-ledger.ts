import { digestOf, eventHash } from "../chain.ts";
import { decodeEvent, type EncodedEvent } from "../event-codec.ts";
import {
  type AppendResult,
  type Commit,
  forgottenAtOnce,
  type HashedEvent,
  type Head,
  type IdempotencyRecord,
  type Ledger,
  type ReadFilter,
  type StoredEvent,
} from "../ledger.ts";
import { InvalidCommit, LedgerClosed } from "../ledger-errors.ts";
import { largestPage, pageOf } from "../page.ts";
import { prepareCommits } from "../prepare-commits.ts";
import {
  checkErasures,
  checkTime,
  checkVersions,
  type ErasableEvent,
  type PreparedCommits,
  previousHash,
} from "../prepared-commits.ts";
import { WakeUps } from "../wake-ups.ts";

/** What a ledger in memory needs of the world: salts. */
export interface MemoryLedgerOptions {
  readonly runtime: { random(length: number): Uint8Array };
}

interface Entry {
  readonly encoded: EncodedEvent;
  readonly text_digest: Uint8Array | null;
  readonly hash: Uint8Array;
}

/**
 * A ledger that ends with the process: for tests, scenarios and what-if. It checks, encodes, hashes and refuses exactly
 * like the others; everything it returns is a copy.
 */
export class MemoryLedger implements Ledger {
  readonly #random: (length: number) => Uint8Array;
  readonly #wakeUps = new WakeUps(0);
  #entries: Entry[] = [];
  #head: Head = Object.freeze({ position: 0, hash: "", recorded_at: "", rules: 0 });
  #closed = false;
  readonly #positions = new Map<string, number[]>();
  readonly #commands = new Map<string, number>();
  readonly #incidents = new Map<string, number>();
  /** By whom a text was erased first. */
  readonly #erasures = new Map<number, number>();
  readonly #idempotency = new Map<string, IdempotencyRecord>();

  constructor({ runtime }: MemoryLedgerOptions) {
    this.#random = (length) => runtime.random(length);
  }

  async head(): Promise<Head> {
    this.#assertOpen();
    return this.#head;
  }

  async append(expected: number, commits: readonly Commit[]): Promise<AppendResult> {
    this.#assertOpen();
    const prepared = prepareCommits(expected, commits, this.#random);
    const head = this.#head;
    if (head.position !== expected) return { appended: false, head };
    if (prepared.events.length === 0) return { appended: true, head };
    checkTime(head, prepared);
    checkVersions(prepared.events, (stream) => this.#positions.get(stream)?.length ?? 0);
    checkErasures(prepared, (position) => this.#erasable(position));
    this.#checkIds(commits);
    this.#write(prepared, commits);
    this.#wakeUps.learn(this.#head.position);
    return { appended: true, head: this.#head };
  }

  async read(filter: ReadFilter): Promise<readonly HashedEvent[]> {
    this.#assertOpen();
    const { after, until, stream, types, limit } = pageOf(filter);
    const names: ReadonlySet<string> | null = types === null ? null : new Set(types);
    const found: HashedEvent[] = [];
    for (const { encoded, text_digest, hash } of this.#from(after, stream)) {
      if (encoded.position > until || found.length >= limit) break;
      if (names !== null && !names.has(encoded.type)) continue;
      const had_text = text_digest !== null;
      const erased_by = this.#erasures.get(encoded.position) ?? null;
      found.push(decodeEvent({ ...encoded, had_text, erased_by, hash: Buffer.from(hash).toString("hex") }));
    }
    return found;
  }

  async readStored(after: number, limit: number): Promise<readonly StoredEvent[]> {
    this.#assertOpen();
    const page = pageOf({ after, limit: Math.min(limit, largestPage) });
    return this.#entries.slice(page.after, page.after + page.limit).map(storedCopy);
  }

  async incidentNumber(incident_id: string): Promise<number | null> {
    this.#assertOpen();
    return this.#incidents.get(incident_id) ?? null;
  }

  async commitOf(command_id: string): Promise<{ readonly first: number; readonly last: number } | null> {
    this.#assertOpen();
    const first = this.#commands.get(command_id);
    const entry = first === undefined ? undefined : this.#entries[first - 1];
    if (first === undefined || entry === undefined) return null;
    const { events } = JSON.parse(entry.encoded.meta) as { events: number };
    return { first, last: first + events - 1 };
  }

  async idempotencyOf(scope: string, key: string, since: string): Promise<IdempotencyRecord | null> {
    this.#assertOpen();
    const record = this.#idempotency.get(JSON.stringify([scope, key]));
    return record === undefined || record.recorded_at < since ? null : record;
  }

  async forgetIdempotency(before: string): Promise<number> {
    this.#assertOpen();
    const old = [...this.#idempotency]
      .filter(([, record]) => record.recorded_at < before)
      .sort(([, a], [, b]) => (a.recorded_at < b.recorded_at ? -1 : 1))
      .slice(0, forgottenAtOnce);
    for (const [key] of old) this.#idempotency.delete(key);
    return old.length;
  }

  subscribe(listener: (position: number) => void): () => void {
    return this.#wakeUps.subscribe(listener);
  }

  async probe(): Promise<void> {
    this.#assertOpen();
  }

  async reopen(): Promise<void> {
    this.#closed = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new LedgerClosed();
  }

  *#from(after: number, stream: string | null): Iterable<Entry> {
    if (stream === null) {
      for (let index = after; index < this.#entries.length; index += 1) yield* this.#at(index + 1);
    } else {
      for (const position of this.#positions.get(stream) ?? []) if (position > after) yield* this.#at(position);
    }
  }

  *#at(position: number): Iterable<Entry> {
    const entry = this.#entries[position - 1];
    if (entry !== undefined) yield entry;
  }

  #erasable(position: number): ErasableEvent | undefined {
    const entry = this.#entries[position - 1];
    if (entry === undefined) return undefined;
    return { stream: entry.encoded.stream, had_text: entry.text_digest !== null };
  }

  #checkIds(commits: readonly Commit[]): void {
    const reported = new Set<string>();
    for (const { command_id, events } of commits) {
      if (this.#commands.has(command_id)) throw new InvalidCommit(`Command ${command_id} is in the ledger already.`);
      for (const event of events) {
        if (event.type !== "incident.reported") continue;
        const { incident_id } = event.data;
        if (this.#incidents.has(incident_id) || reported.has(incident_id)) {
          throw new InvalidCommit(`Incident ${incident_id} is in the ledger already.`);
        }
        reported.add(incident_id);
      }
    }
  }

  /** Nothing in here can fail: a commit is written whole or not at all. */
  #write({ events, erasures, last_recorded_at, rules }: PreparedCommits, commits: readonly Commit[]): void {
    let hash = previousHash(Buffer.from(this.#head.hash, "hex"), events);
    for (const encoded of events) {
      const text_digest = digestOf(encoded);
      hash = eventHash({ ...encoded, text_digest }, hash);
      this.#entries.push({ encoded, text_digest, hash });
      const positions = this.#positions.get(encoded.stream);
      if (positions === undefined) this.#positions.set(encoded.stream, [encoded.position]);
      else positions.push(encoded.position);
    }
    for (const { command_id, events: recorded, idempotency } of commits) {
      this.#commands.set(command_id, recorded[0]?.position ?? 0);
      for (const event of recorded) {
        if (event.type === "incident.reported") this.#incidents.set(event.data.incident_id, event.data.number);
      }
      if (idempotency !== undefined) {
        this.#idempotency.set(JSON.stringify([idempotency.scope, idempotency.key]), { ...idempotency });
      }
    }
    for (const { erased, position } of erasures) this.#erase(erased, position);
    this.#head = Object.freeze({
      position: this.#entries.length,
      hash: Buffer.from(hash).toString("hex"),
      recorded_at: last_recorded_at,
      rules,
    });
  }

  #erase(position: number, by: number): void {
    const entry = this.#entries[position - 1];
    if (entry === undefined) return;
    if (!this.#erasures.has(position)) this.#erasures.set(position, by);
    this.#entries[position - 1] = { ...entry, encoded: { ...entry.encoded, text: null, text_salt: null } };
  }
}

/** Opens an empty ledger in memory. */
export function memoryLedger(options: MemoryLedgerOptions): MemoryLedger {
  return new MemoryLedger(options);
}

function storedCopy({ encoded, text_digest, hash }: Entry): StoredEvent {
  return {
    ...encoded,
    meta: Buffer.from(encoded.meta),
    data: Buffer.from(encoded.data),
    text: encoded.text === null ? null : Buffer.from(encoded.text),
    text_salt: encoded.text_salt === null ? null : Uint8Array.from(encoded.text_salt),
    text_digest: text_digest === null ? null : Uint8Array.from(text_digest),
    hash: Uint8Array.from(hash),
  };
}
