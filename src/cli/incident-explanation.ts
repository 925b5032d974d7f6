import type { Alternatives } from "../../projections/alternatives.ts";
import type { PlaceInQueue } from "../../projections/place-in-queue.ts";
import { stateSentence } from "../../projections/state-sentence.ts";
import { limits } from "../config.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { PastInProcess } from "../readmodels/past-in-process.ts";
import { explain, type Why, type WhyStep } from "../readmodels/why.ts";
import { addressed, noIncident } from "./incident-story.ts";
import { printJson, printLines, table } from "./print.ts";
import type { Until } from "./until.ts";

/** Prints why an incident is what it is: each event that it follows from, and who else could have been chosen. */
export async function explainIncident(
  ledger: Ledger,
  named: string,
  flags: { readonly until?: Until; readonly json?: true },
): Promise<void> {
  const { number, until } = await addressed(ledger, named, flags.until);
  // Without snapshots: what is printed is folded from the first event on, as everything that `replay` prints.
  const past = new PastInProcess({ ledger });
  const why =
    number === null
      ? null
      : await explain({ ledger, past }, number, until, { events: limits.why_events, decisions: limits.why_decisions });
  if (why === null) throw noIncident(named, until);
  const isPending = why.incident.status === "pending";
  const place = isPending ? await past.board(until, "place", { number: why.incident.number }) : null;
  if (flags.json === true) printJson(explanationDocument(why, place));
  else printLines(explanationLines(why, place));
}

function explanationDocument({ incident, chain, is_whole }: Why, place: PlaceInQueue | null) {
  const sentence = stateSentence(incident, place?.queue_position ?? null);
  return {
    incident,
    sentence,
    place,
    chain: chain.map(({ event, ...step }) => {
      const { position, stream, type, recorded_at, actor } = event;
      return { position, stream, type, recorded_at, actor, ...step };
    }),
    is_whole,
  };
}

function* explanationLines({ incident, chain, is_whole }: Why, place: PlaceInQueue | null): Generator<string> {
  yield `Incident ${incident.number}: ${stateSentence(incident, place?.queue_position ?? null)}`;
  for (const step of chain) yield* stepLines(step);
  if (!is_whole) yield "and more before that";
  if (place === null) return;
  yield "";
  yield "Now:";
  for (const { sentence } of place.ahead) yield `  ${sentence}`;
  if (place.more_ahead > 0) yield `  and ${place.more_ahead} more are ahead`;
  for (const { sentence } of place.handlers) yield `  ${sentence}`;
  if (place.more_handlers > 0) yield `  and ${place.more_handlers} more handlers`;
}

function* stepLines({ event, because, sentence, alternatives }: WhyStep): Generator<string> {
  yield "";
  const cause = because === null ? `a fact, told by ${event.actor}` : `because of ${because}`;
  yield `${event.position}  ${event.recorded_at}  ${sentence} (${cause})`;
  if (alternatives !== null) yield* alternativeLines(alternatives);
}

function* alternativeLines({ chosen, others, more }: Alternatives): Generator<string> {
  const candidates = [...(chosen === null ? [] : [{ ...chosen, sentence: "was chosen" }]), ...others];
  if (candidates.length === 0) return;
  const rows = candidates.map(({ handler_id, available, active, capacity, turns, last_assigned_at, sentence }) => [
    handler_id,
    available,
    `${active}/${capacity}`,
    turns,
    last_assigned_at,
    sentence,
  ]);
  const lines = table(["handler", "available", "load", "turns", "last assigned", "why"], rows);
  for (const line of lines) yield `    ${line}`;
  if (more > 0) yield `    and ${more} more`;
}
