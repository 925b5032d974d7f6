import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import { incidentOfStream, incidentStream } from "../../events/stream.ts";
import { genesisHash } from "./chain.ts";
import { type EncodedEvent, encodeEvent } from "./event-codec.ts";
import type { Commit, Head } from "./ledger.ts";
import { InvalidCommit } from "./ledger-errors.ts";

/** A text that is to be erased. */
interface Erasure {
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

/**
 * Checks commits that are to follow position `expected`, before anything is written: each whole and in itself
 * consistent, positions without a gap, schemas kept. Throws `InvalidCommit`.
 */
export function prepareCommits(
  expected: number,
  commits: readonly Commit[],
  random: (length: number) => Uint8Array,
): PreparedCommits {
  const events: EncodedEvent[] = [];
  const erasures: Erasure[] = [];
  const commands = new Set<string>();
  let position = expected;
  let recorded_at = "";
  let rules = 0;
  for (const commit of commits) {
    const first = commit.events[0];
    if (first === undefined) throw new InvalidCommit(`Command ${commit.command_id} has a commit without events.`);
    if (commands.has(commit.command_id)) throw new InvalidCommit(`Command ${commit.command_id} is there twice.`);
    commands.add(commit.command_id);
    if (first.recorded_at < recorded_at) throw runsBack(first.position);
    recorded_at = first.recorded_at;
    rules = first.meta.rules;
    for (const [offset, event] of commit.events.entries()) {
      position += 1;
      // Encoding checks the event by itself, so that what follows may rely on its form.
      events.push(encodeEvent(event, random));
      const fault = faultInCommit(event, position, offset, first, commit);
      if (fault !== null) throw new InvalidCommit(`The commit of ${commit.command_id} cannot be recorded: ${fault}.`);
      if (event.type === "text.erased") erasures.push({ erased: event.data.erased, position, stream: event.stream });
    }
    if (commit.idempotency !== undefined && commit.idempotency.position !== position) {
      throw new InvalidCommit(
        `The idempotency record of ${commit.command_id} names another position than ${position}.`,
      );
    }
  }
  return { events, erasures, first_recorded_at: events[0]?.recorded_at ?? "", last_recorded_at: recorded_at, rules };
}

function faultInCommit(
  event: RecordedEvent,
  position: number,
  offset: number,
  first: RecordedEvent,
  commit: Commit,
): string | null {
  const { meta } = event;
  const incident = incidentOfStream(event.stream);
  if (event.position !== position) return `position ${position} is next, not ${event.position}`;
  if (meta.offset !== offset) return `the event at ${position} has offset ${meta.offset} instead of ${offset}`;
  if (meta.events !== commit.events.length) return `its events disagree on how many they are`;
  if (event.command_id !== commit.command_id) return `the event at ${position} names another command`;
  if (event.recorded_at !== first.recorded_at || event.actor !== first.actor || meta.rules !== first.meta.rules) {
    return `the event at ${position} differs from the first in time, actor or rules`;
  }
  if ((event.type === "ledger.opened") !== (position === 1)) {
    return "ledger.opened is the first event of a ledger, and stands nowhere else";
  }
  if (event.type === "text.erased" && event.data.erased >= position) {
    return `the event at ${position} erases a text that comes after it`;
  }
  if (event.type === "text.erased" && (event.data.incident ?? incident) !== incident) {
    return `the event at ${position} names incident ${event.data.incident} in the stream ${event.stream}`;
  }
  if (event.type === "incident.reported" && event.stream !== incidentStream(event.data.number)) {
    return `the event at ${position} reports incident ${event.data.number} in the stream ${event.stream}`;
  }
  return faultOfKind(event, commit.events[offset - 1]) ?? faultOfBecause(event, position - offset);
}

/** Facts come first; then the decisions, each with what it follows from. */
function faultOfKind({ type, position, meta }: RecordedEvent, previous: RecordedEvent | undefined): string | null {
  if (isDecision(type)) {
    return meta.because === undefined ? `the decision at ${position} does not say what it follows from` : null;
  }
  if (meta.because !== undefined) return `the fact at ${position} claims to follow from something`;
  if (previous !== undefined && isDecision(previous.type)) return `the fact at ${position} comes after a decision`;
  return null;
}

function faultOfBecause({ meta }: RecordedEvent, first_position: number): string | null {
  const { because } = meta;
  if (because === undefined) return null;
  const earlier = "offset" in because ? because.offset < meta.offset : because.position < first_position;
  return earlier ? null : "a decision follows from something that comes after it";
}

/** Refuses commits that are older than the head they follow: desk time never runs back. */
export function checkTime(head: Head, { first_recorded_at, events }: PreparedCommits): void {
  if (first_recorded_at < head.recorded_at) throw runsBack(events[0]?.position ?? head.position);
}

function runsBack(position: number): InvalidCommit {
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
  return event === undefined ? undefined : { stream: event.stream, had_text: event.text_digest !== null };
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
