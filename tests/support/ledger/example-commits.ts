import { createHash } from "node:crypto";
import type { RecordedEvent } from "../../../events/recorded-event.ts";
import { definitions, type EventName, isDecision } from "../../../events/registry.ts";
import { incidentStream, ledgerStream } from "../../../events/stream.ts";
import type { Commit, Head } from "../../../src/ledger/ledger.ts";

const ledger_id = "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11";

/** Random bytes that are the same in every run: salts 0, 1, 2 … of the wanted length. */
export function countedRuntime() {
  let drawn = 0;
  return {
    random(length: number): Uint8Array {
      drawn += 1;
      return createHash("sha512").update(String(drawn)).digest().subarray(0, length);
    },
    after(delay_ms: number, callback: () => void): () => void {
      const timer = setTimeout(callback, delay_ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

/** A UUID of version 7 whose time is `count`. */
export function uuidOf(count: number): string {
  return `${count
    .toString(16)
    .padStart(12, "0")
    .replace(/^(.{8})/, "$1-")}-7000-8000-000000000000`;
}

/** The instant so many seconds after the year's beginning. */
export function instantOf(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
}

interface Fact {
  type: EventName;
  stream: string;
  version: number;
  data: object;
  text?: object | null;
}

/**
 * The commit of one command after a position: envelope and meta as the desk makes them. Its decisions follow from its first
 * event; where that is a decision itself, from the event before the commit.
 */
export function commitOf(after: number, command: string, facts: readonly Fact[], seconds = after): Commit {
  const events = facts.map(({ type, stream, version, data, text }, offset) => ({
    position: after + offset + 1,
    stream,
    version,
    type,
    schema_version: 1,
    recorded_at: instantOf(seconds),
    actor: "admin",
    command_id: command,
    meta: {
      offset,
      events: facts.length,
      rules: 1,
      ...(isKnownDecision(type) ? { because: offset > 0 ? { offset: 0 } : { position: after } } : {}),
    },
    data,
    text: text ?? null,
  }));
  return { command_id: command, events: events as unknown as readonly RecordedEvent[] };
}

/** Tests try names that there are not. */
function isKnownDecision(type: EventName): boolean {
  return definitions.has(type) && isDecision(type);
}

/** The commit that opens a ledger: two events. */
export function opening(): Commit {
  const rules = {
    ack_timeout_seconds: null,
    default_capacity: 1,
    auto_close_days: 30,
    default_snooze_minutes: 1440,
  };
  return commitOf(0, uuidOf(1), [
    { type: "ledger.opened", stream: ledgerStream, version: 1, data: { ledger_id, rules: 1 } },
    { type: "team.created", stream: "team/default", version: 1, data: { team: "default", rules } },
  ]);
}

/** A report with its text, and that it was queued: two events. */
export function report(after: number, number: number, title = `Incident ${number}`): Commit {
  const stream = incidentStream(number);
  const data = {
    incident_id: uuidOf(1_000_000 + number),
    number,
    team: "default",
    severity: 3,
    timestamp: instantOf(after),
  };
  return commitOf(after, uuidOf(2_000_000 + number), [
    { type: "incident.reported", stream, version: 1, data, text: { title } },
    { type: "incident.queued", stream, version: 2, data: {} },
  ]);
}

/** A comment: one event. */
export function comment(after: number, number: number, version: number, text: string): Commit {
  const stream = incidentStream(number);
  return commitOf(after, uuidOf(3_000_000 + after), [
    { type: "incident.commented", stream, version, data: {}, text: { text } },
  ]);
}

/** It is now: one event in the ledger's own stream. */
export function timePassed(after: number, version: number): Commit {
  return commitOf(after, uuidOf(4_000_000 + after), [
    { type: "time.passed", stream: ledgerStream, version, data: { at: instantOf(after) } },
  ]);
}

/** Erases the text at a position of an incident: one event. */
export function erasure(after: number, erased: number, number: number, version: number): Commit {
  return commitOf(after, uuidOf(5_000_000 + after), [
    {
      type: "text.erased",
      stream: incidentStream(number),
      version,
      data: { erased, incident: number },
      text: { reason: "asked for" },
    },
  ]);
}

/** The head, or the failure of the test where nothing was appended. */
export function headOf(result: { appended: boolean; head: Head }): Head {
  if (!result.appended) throw new Error(`nothing was appended; the head is at ${result.head.position}`);
  return result.head;
}
