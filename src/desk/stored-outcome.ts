import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream } from "../../events/stream.ts";
import type { IdempotencyRecord, Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import type { Command } from "../rules/commands.ts";
import { subjectOf } from "./deciding.ts";
import { storedIncident } from "./stored-incident.ts";
import type { Outcome, Submission } from "./submission.ts";

/** How long an idempotency key is remembered. */
export const keyLifetime_ms = 7 * 24 * 60 * 60 * 1000;

/**
 * The outcome of an earlier request with the same command id or idempotency key, rebuilt from its commit; null where
 * there was none, so that it has to be decided.
 */
export async function storedOutcome(ledger: Ledger, submission: Submission, now_ms: number): Promise<Outcome | null> {
  const { idempotency, command_id } = submission;
  if (idempotency !== undefined) {
    const since = new Date(now_ms - keyLifetime_ms).toISOString();
    const record = await ledger.idempotencyOf(idempotency.scope, idempotency.key, since);
    if (record !== null) {
      if (record.fingerprint === idempotency.fingerprint) return outcomeOfRecord(ledger, record);
      return { kind: "key-reused", position: (await ledger.head()).position };
    }
  }
  const commit = command_id === undefined ? null : await ledger.commitOf(command_id);
  return commit === null ? null : outcomeOfCommit(ledger, submission.command, commit);
}

async function outcomeOfRecord(ledger: Ledger, record: IdempotencyRecord): Promise<Outcome> {
  const [last] = await ledger.read({ after: record.position - 1, limit: 1 });
  const first = record.position - (last === undefined ? 0 : last.meta.events - 1);
  const events = await eventsBetween(ledger, first, record.position);
  const number = incidentOfStream(record.stream);
  return {
    kind: "written",
    position: record.position,
    events,
    incident: number === null ? null : await storedIncident(ledger, number, record.position),
    queue_position: record.queue_position,
    handler: null,
    team: null,
    repeated: { status: record.status },
  };
}

async function outcomeOfCommit(
  ledger: Ledger,
  command: Command,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<Outcome> {
  const events = await eventsBetween(ledger, first, last);
  const number = subjectOf(command, events);
  const incident = number === null ? null : await storedIncident(ledger, number, last);
  return { kind: "written", position: last, events, incident, queue_position: null, handler: null, team: null };
}

async function eventsBetween(ledger: Ledger, first: number, last: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of readCommits(ledger, { after: first - 1, until: last })) events.push(...page);
  return events;
}
