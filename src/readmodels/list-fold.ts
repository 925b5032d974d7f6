import { incidentOfStream } from "../../events/stream.ts";
import { appearanceOf } from "../../projections/appearance.ts";
import { type Comment, commentOf } from "../../projections/incident-comments.ts";
import { foldListed, type ListedIncident } from "../../projections/incident-list.ts";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { foldCommentedAnew } from "./listed-anew.ts";
import type { ListChange, ReadDatabase } from "./read-database.ts";

/** One incident while a batch of events is folded. */
interface Touched {
  readonly before: ListedIncident | null | undefined;
  after: ListedIncident | null;
  /** Its events in the batch do not do: it is folded from its own stream. */
  anew: boolean;
  readonly comments: Comment[];
}

/**
 * Folds a batch of whole commits, which must follow the list's checkpoint, into the list. What the list does not hold
 * right (a damaged row, an incident that was deleted, a text that was erased) is folded anew from the ledger.
 */
export async function foldIntoList(
  database: ReadDatabase,
  ledger: Ledger,
  events: readonly HashedEvent[],
): Promise<void> {
  const last = events.at(-1);
  if (last === undefined) return;
  const touched = new Map<number, Touched>();
  for (const event of events) {
    const number = incidentOfStream(event.stream);
    if (number !== null) foldOne(database, touched, number, event);
  }
  const changes: ListChange[] = [];
  for (const [number, { before, after, anew, comments }] of touched) {
    const settled = anew ? await foldCommentedAnew(ledger, number, last.position) : { after, comments };
    changes.push({ number, before, anew, ...settled });
  }
  const first = events[0];
  const ledger_id = first?.type === "ledger.opened" ? first.data.ledger_id : database.checkpoint.ledger_id;
  const erasures = events.filter(({ type }) => type === "text.erased");
  const erased = [...new Set(erasures.flatMap(({ stream }) => incidentOfStream(stream) ?? []))];
  const appearances = events.map(appearanceOf).filter((appearance) => appearance !== null);
  database.write(changes, { ledger_id, position: last.position, hash: last.hash }, { erased, appearances });
}

function foldOne(database: ReadDatabase, all: Map<number, Touched>, number: number, event: HashedEvent): void {
  let touched = all.get(number);
  if (touched === undefined) {
    const before = event.version === 1 ? null : database.find(number);
    touched = { before, after: before ?? null, anew: false, comments: [] };
    all.set(number, touched);
  }
  if (touched.anew) return;
  const follows = event.version === (touched.after?.incident.version ?? 0) + 1;
  if (!follows || event.type === "text.erased") touched.anew = true;
  else {
    touched.after = foldListed(touched.after, event);
    const comment = commentOf(event);
    if (comment !== null) touched.comments.push(comment);
  }
}

/** Folds one incident anew, as of the list's checkpoint, and writes it in the place of its row. */
export async function repairRow(database: ReadDatabase, ledger: Ledger, number: number): Promise<void> {
  const { ledger_id, position, hash } = database.checkpoint;
  const settled = await foldCommentedAnew(ledger, number, position);
  database.write([{ number, before: undefined, anew: true, ...settled }], { ledger_id, position, hash });
}
