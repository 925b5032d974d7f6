import { incidentStream } from "../../events/stream.ts";
import { type Comment, commentOf } from "../../projections/incident-comments.ts";
import { foldListed, type ListedIncident } from "../../projections/incident-list.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readStream } from "../ledger/read-stream.ts";

/** One incident folded anew from its own events, as of a position. Null: the ledger has no such incident there. */
export async function foldListedAnew(ledger: Ledger, number: number, until: number): Promise<ListedIncident | null> {
  return (await foldCommentedAnew(ledger, number, until)).after;
}

/** An incident and its comments, oldest first. */
export interface CommentedIncident {
  /** Null: the ledger has no such incident there. */
  readonly after: ListedIncident | null;
  readonly comments: readonly Comment[];
}

/** One incident folded anew from its own events, as of a position, with its comments. */
export async function foldCommentedAnew(ledger: Ledger, number: number, until: number): Promise<CommentedIncident> {
  let after: ListedIncident | null = null;
  const comments: Comment[] = [];
  for await (const event of readStream(ledger, incidentStream(number), until)) {
    after = foldListed(after, event);
    const comment = commentOf(event);
    if (comment !== null) comments.push(comment);
  }
  return { after, comments };
}
