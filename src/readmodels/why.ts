import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import { incidentOfStream, incidentStream } from "../../events/stream.ts";
import type { Alternatives } from "../../projections/alternatives.ts";
import type { Incident } from "../../projections/incident.ts";
import { becauseOf, sentenceOf } from "../../projections/timeline.ts";
import { foldSettled, nothingSettled, type Settled } from "../../projections/what-settled.ts";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { readStream } from "../ledger/read-stream.ts";
import type { Past } from "./past.ts";

/** What one event of an explanation explains of the incident by itself, beside what follows from it. */
export type Explains = "status" | "assigned_to" | "severity";

/** One event of an explanation. */
export interface WhyStep {
  readonly event: HashedEvent;
  /** The position of the event that this one follows from, which is in the chain as well; null for facts. */
  readonly because: number | null;
  readonly explains: readonly Explains[];
  readonly sentence: string;
  /** Between whom a decision about this incident chose; null where it chose nobody, and for all but the newest ones. */
  readonly alternatives: Alternatives | null;
}

/** Why an incident is what it is. */
export interface Why {
  readonly incident: Incident;
  /** Newest first; every decision in it is followed back to its facts. */
  readonly chain: readonly WhyStep[];
  /** Whether the chain goes all the way back; false where it is too long. */
  readonly is_whole: boolean;
}

/** How much of an explanation is given. */
export interface WhyLimits {
  readonly events: number;
  /** Decisions that are given with their alternatives. */
  readonly decisions: number;
}

/**
 * Why an incident is as it is at a position, the end of a commit: the events that settled its status, its handler and, while
 * it is pending, its severity, and what each follows from. Null where there is no such incident.
 */
export async function explain(
  { ledger, past }: { readonly ledger: Ledger; readonly past: Pick<Past, "alternatives"> },
  number: number,
  until: number,
  limits: WhyLimits,
): Promise<Why | null> {
  let settled: Settled<HashedEvent> = nothingSettled;
  for await (const event of readStream(ledger, incidentStream(number), until)) settled = foldSettled(settled, event);
  const { incident } = settled;
  if (incident === null) return null;
  const roots = rootsOf(settled);
  const { events, is_whole } = await chainOf(ledger, [...roots.keys()], limits.events);
  const choices = events
    .filter(({ type, stream }) => isDecision(type) && stream === incidentStream(number))
    .slice(0, limits.decisions)
    .map(({ position }) => position);
  const found = await past.alternatives(choices);
  const chain = events.map((event) => ({
    event,
    because: becauseOf(event),
    explains: [...roots].find(([root]) => root.position === event.position)?.[1] ?? [],
    sentence: sentenceIn(event, number),
    alternatives: found[choices.indexOf(event.position)] ?? null,
  }));
  return { incident, chain, is_whole };
}

function rootsOf({ incident, status, assigned_to, severity }: Settled<HashedEvent>): Map<HashedEvent, Explains[]> {
  const roots = new Map<HashedEvent, Explains[]>();
  const add = (event: HashedEvent | null, explains: Explains): void => {
    if (event !== null) roots.set(event, [...(roots.get(event) ?? []), explains]);
  };
  add(status, "status");
  add(assigned_to, "assigned_to");
  if (incident?.status === "pending") add(severity, "severity");
  return roots;
}

/** These events and all that they follow from, newest first, up to so many. */
async function chainOf(ledger: Ledger, roots: readonly HashedEvent[], most: number) {
  const events: HashedEvent[] = [];
  const waiting = new Map(roots.map((event) => [event.position, event]));
  while (waiting.size > 0 && events.length < most) {
    const position = Math.max(...waiting.keys());
    const event = waiting.get(position);
    waiting.delete(position);
    if (event === undefined) continue;
    events.push(event);
    const because = becauseOf(event);
    // What does not lie before it cannot be what it follows from: the ledger is damaged, and no reason to go round in circles.
    if (because === null || because >= position || waiting.has(because)) continue;
    const [cause] = await ledger.read({ after: because - 1, limit: 1 });
    if (cause?.position === because) waiting.set(because, cause);
  }
  return { events, is_whole: waiting.size === 0 };
}

/** The event's sentence, which says of which incident it is where that is another one. */
function sentenceIn(event: RecordedEvent, number: number): string {
  const other = incidentOfStream(event.stream);
  return other === null || other === number ? sentenceOf(event) : `Incident ${other}: ${sentenceOf(event)}`;
}
