import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import { incidentOfStream, incidentStream } from "../../events/stream.ts";
import { type EncodedEvent, encodeEvent } from "./event-codec.ts";
import type { Commit } from "./ledger.ts";
import { InvalidCommit } from "./ledger-errors.ts";
import { type Erasure, type PreparedCommits, runsBack } from "./prepared-commits.ts";

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
