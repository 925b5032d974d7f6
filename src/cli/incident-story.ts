import { isDecision } from "../../events/registry.ts";
import { incidentStream } from "../../events/stream.ts";
import { foldListed, type ListedIncident } from "../../projections/incident-list.ts";
import { becauseOf, sentenceOf } from "../../projections/timeline.ts";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { commitEnd } from "../ledger/read-commits.ts";
import { readStream } from "../ledger/read-stream.ts";
import { CannotRun } from "./outcome.ts";
import { printJson, printLines, table } from "./print.ts";
import { lastPosition, type Until } from "./until.ts";

/** Prints what happened to one incident, named by its number or its id: every event of it, and what it came to. */
export async function tellIncident(
  ledger: Ledger,
  named: string,
  flags: { readonly until?: Until; readonly json?: true },
): Promise<void> {
  const { number, until } = await addressed(ledger, named, flags.until);
  const { listed, events } = number === null ? { listed: null, events: [] } : await story(ledger, number, until);
  if (listed === null) throw noIncident(named, until);
  if (flags.json === true) printJson({ incident: { ...listed.incident, ...listed.texts }, events: events.map(told) });
  else printLines(storyLines(listed, events));
}

/** The number of an incident that is named by it or by its id, and the position up to which to look, the end of a commit. */
export async function addressed(ledger: Ledger, named: string, wanted: Until | undefined) {
  const until = await commitEndAt(ledger, await lastPosition(ledger, wanted));
  const number = /^\d+$/.test(named) ? Number(named) : await ledger.incidentNumber(named);
  return { number, until };
}

/** There is no such incident by then. */
export function noIncident(named: string, until: number): CannotRun {
  return new CannotRun(`There is no incident ${named} in the ledger at position ${until}.`);
}

async function commitEndAt(ledger: Ledger, position: number): Promise<number> {
  const [event] = await ledger.read({ after: position - 1, limit: 1 });
  return event === undefined ? position : commitEnd(event);
}

async function story(ledger: Ledger, number: number, until: number) {
  const events: HashedEvent[] = [];
  let listed: ListedIncident | null = null;
  for await (const event of readStream(ledger, incidentStream(number), until)) {
    listed = foldListed(listed, event);
    events.push(event);
  }
  return { listed, events };
}

function told(event: HashedEvent) {
  const { position, recorded_at, actor, type, data, text } = event;
  const kind = isDecision(type) ? "decision" : "fact";
  return {
    position,
    recorded_at,
    actor,
    type,
    kind,
    sentence: sentenceOf(event),
    because: becauseOf(event),
    data,
    text,
  };
}

function* storyLines({ incident, texts }: ListedIncident, events: readonly HashedEvent[]): Generator<string> {
  const [title] = table([texts.title ?? incident.type ?? "without a title"], []);
  yield `Incident ${incident.number}: ${title}`;
  const holder = incident.assigned_to === null ? "" : ` (${incident.assigned_to})`;
  yield `${incident.incident_id} in the team ${incident.team}, severity ${incident.severity}, ${incident.status}${holder}`;
  yield "";
  const rows = events.map((event) => {
    const { position, recorded_at, actor, kind, sentence, because } = told(event);
    const why = because === null ? sentence : `${sentence} (because of ${because})`;
    return [position, recorded_at, kind === "fact" ? actor : "the rules", why];
  });
  yield* table(["position", "time", "who", "what happened"], rows);
}
