import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { EventName } from "../../events/registry.ts";

/** Where a ledger ends. Position 0: it has no event yet. */
export interface Head {
  readonly position: number;
  /** SHA-256 of the last event, 64 hex digits; for position 0 an empty string. */
  readonly hash: string;
  /** Desk time of the last event; an empty string where there is none. */
  readonly recorded_at: string;
  /** The number of the rules in force; 0 where there is no event. */
  readonly rules: number;
}

/**
 * The events of one command, appended whole or not at all. Their positions follow the head that was expected.
 * `text.erased` in a commit erases, in the same transaction, the text of the event that it names: one of its own stream
 * that has, or had, a text.
 */
export interface Commit {
  readonly command_id: string;
  readonly events: readonly RecordedEvent[];
  /** Kept in the same transaction, where the caller sent an idempotency key. */
  readonly idempotency?: IdempotencyRecord;
}

/** What a caller's key stands for. Never a body: an answer is rebuilt from the commit. */
export interface IdempotencyRecord {
  /** Whose key it is, for example a credential's id. */
  readonly scope: string;
  readonly key: string;
  /** HMAC-SHA-256 over the request, 64 hex digits. */
  readonly fingerprint: string;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** The stream that the answer shows, and its version then. */
  readonly stream: string;
  readonly version: number;
  /** The last position of the commit. */
  readonly position: number;
  /** The incident's place in its queue when it was answered, or null. */
  readonly queue_position: number | null;
  /** Desk time of the commit; kept for seven days from here. */
  readonly recorded_at: string;
}

/** What became of an append: written whole, or not at all because the head had moved. */
export type AppendResult =
  | { readonly appended: true; readonly head: Head }
  /** The head was not the expected one. Nothing was written. */
  | { readonly appended: false; readonly head: Head };

/** At most so many idempotency records are forgotten by one call. */
export const forgottenAtOnce = 1000;

/** Which events to read. All conditions hold together. */
export interface ReadFilter {
  /** Only positions after this one (default 0: from the first). */
  readonly after?: number;
  /** Only positions up to this one. */
  readonly until?: number;
  /** Only this stream. */
  readonly stream?: string;
  /** Only events of these names. */
  readonly types?: readonly EventName[];
  /** At most this many (default and maximum 1000). */
  readonly limit?: number;
}

/** An event as stored: bytes as they are, hash and text digest included, for audits and exports. */
export interface StoredEvent {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: string;
  readonly actor: string;
  readonly command_id: string;
  readonly meta: Uint8Array;
  readonly data: Uint8Array;
  readonly text: Uint8Array | null;
  readonly text_salt: Uint8Array | null;
  /** Null where the event never had a text; it stays when the text is erased. */
  readonly text_digest: Uint8Array | null;
  readonly hash: Uint8Array;
}

/**
 * The log: one order, one hash chain, one head. Small and asynchronous, so that a database on another machine fits
 * behind it. Every adapter passes the contract suite in `tests/ledger/`. While it is closed, everything rejects with
 * `LedgerClosed`.
 */
export interface Ledger {
  /** The head, always as it is now, whoever moved it. */
  head(): Promise<Head>;

  /**
   * Appends commits, in order, durably, in one transaction, if the head is at `expected`.
   * Rejects where storage failed; it is then unknown whether they were written. Rejects with `InvalidCommit` where a
   * commit contradicts a schema, itself or the ledger (a command id that is there already, say); nothing was written then.
   */
  append(expected: number, commits: readonly Commit[]): Promise<AppendResult>;

  /**
   * One page of events, oldest first, upcast to their present versions, `hash` hex beside each. Rejects with
   * `UnreadableEvent`, which names the position, where one of them does not fit its schema.
   */
  read(filter: ReadFilter): Promise<readonly HashedEvent[]>;

  /** One page of events as stored, oldest first, at most 1000. Nothing is parsed or checked. */
  readStored(after: number, limit: number): Promise<readonly StoredEvent[]>;

  /** The number of the incident with this id, or null. */
  incidentNumber(incident_id: string): Promise<number | null>;

  /** First and last position of the commit of this command, or null: it is not in the ledger. */
  commitOf(command_id: string): Promise<{ readonly first: number; readonly last: number } | null>;

  /** What a key stands for, or null. Records older than `since` do not count. */
  idempotencyOf(scope: string, key: string, since: string): Promise<IdempotencyRecord | null>;

  /**
   * Drops idempotency records older than `before`, the oldest first and at most `forgottenAtOnce`, so that nobody waits
   * long for it; returns how many. Where it returns so many there may be more: call it again.
   */
  forgetIdempotency(before: string): Promise<number>;

  /**
   * Calls the listener when this process appended, or learnt that somebody else did, with the position of the head.
   * A listener's exception is swallowed. Returns the way to unsubscribe.
   */
  subscribe(listener: (position: number) => void): () => void;

  /** Writes something harmless durably, to learn whether storage works again. Rejects where it does not. */
  probe(): Promise<void>;

  /** Opens the storage anew, after a failure. Where that fails it rejects, and what could be read before still can. */
  reopen(): Promise<void>;

  close(): Promise<void>;
}

/** An event beside its hash (64 hex digits). Where its text was erased, `erased_by` is the position of who says so. */
export type HashedEvent = RecordedEvent & { readonly hash: string; readonly erased_by?: number };
