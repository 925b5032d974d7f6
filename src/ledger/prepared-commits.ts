import { genesisHash } from "./chain.ts";
import type { EncodedEvent } from "./event-codec.ts";
import type { Head } from "./ledger.ts";
import { InvalidCommit } from "./ledger-errors.ts";

/** A text that is to be erased. */
export interface Erasure {
  /** The position of the event whose text it is. */
  readonly erased: number;
  /** The position and the stream of the event that says so. */
  readonly position: number;
  readonly stream: string;
}

/** What is to be known of an event whose text is to be erased. */
export interface ErasableEvent {
  readonly stream: string;
  /** Whether it has, or had, a text. */
  readonly had_text: boolean;
}

/** Commits that were checked, ready to be hashed and written. */
export interface PreparedCommits {
  readonly events: readonly EncodedEvent[];
  /** The texts that are to be erased in the same transaction. */
  readonly erasures: readonly Erasure[];
  /** Desk time of the first and of the last commit. */
  readonly first_recorded_at: string;
  readonly last_recorded_at: string;
  /** The rules of the last commit. */
  readonly rules: number;
}

/** Refuses commits that are older than the head they follow: desk time never runs back. */
export function checkTime(head: Head, { first_recorded_at, events }: PreparedCommits): void {
  if (first_recorded_at < head.recorded_at) throw runsBack(events[0]?.position ?? head.position);
}

/** The refusal of an event that is recorded before the one that it follows. */
export function runsBack(position: number): InvalidCommit {
  return new InvalidCommit(`The event at position ${position} is recorded before the one that it follows.`);
}

/**
 * Checks that each event takes the next version of its stream. `latestVersion` tells the version that a stream has in
 * the ledger (0: none); it is asked at most once for each stream. It hears which version is to be written, so that an
 * adapter whose index refuses a stream that begins twice need not look one up that begins.
 */
export function checkVersions(
  events: readonly EncodedEvent[],
  latestVersion: (stream: string, version: number) => number,
): void {
  const versions = new Map<string, number>();
  for (const { stream, version, type, position } of events) {
    const latest = versions.get(stream) ?? latestVersion(stream, version);
    if (version !== latest + 1) {
      const fault = `version ${latest + 1} of ${stream} is next, not ${version}`;
      throw new InvalidCommit(`${type} cannot be recorded at position ${position}: ${fault}.`);
    }
    versions.set(stream, version);
  }
}

/**
 * Checks that each erasure names an event of its own stream that has, or had, a text. `find` looks up an event that was in
 * the ledger before (undefined: there is none); erasures are rare, so it is rarely asked.
 */
export function checkErasures(
  { events, erasures }: PreparedCommits,
  find: (position: number) => ErasableEvent | undefined,
): void {
  const first_position = events[0]?.position ?? 0;
  for (const { erased, position, stream } of erasures) {
    const fault = faultOfErasure(stream, appended(events[erased - first_position]) ?? find(erased));
    if (fault === null) continue;
    throw new InvalidCommit(`text.erased cannot be recorded at position ${position}: the event at ${erased} ${fault}.`);
  }
}

function appended(event: EncodedEvent | undefined): ErasableEvent | undefined {
  return event === undefined ? undefined : { stream: event.stream, had_text: event.text !== null };
}

function faultOfErasure(stream: string, erased: ErasableEvent | undefined): string | null {
  if (erased === undefined) return "does not exist";
  if (erased.stream !== stream) return `stands in ${erased.stream}, not in ${stream}`;
  return erased.had_text ? null : "never had a text";
}

/** The hash that the first of these events follows: the head's, or what the ledger's own id gives. */
export function previousHash(head_hash: Uint8Array, events: readonly EncodedEvent[]): Uint8Array {
  const first = events[0];
  if (first === undefined || first.position !== 1) return head_hash;
  const { ledger_id } = JSON.parse(first.data) as { ledger_id: string };
  return genesisHash(ledger_id);
}
