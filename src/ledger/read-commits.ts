import type { HashedEvent, Ledger } from "./ledger.ts";

/** The most events the port gives at once. */
const page_events = 1000;

/** Which commits to read. */
export interface CommitRange {
  /** Only what comes after this position, which must be the end of a commit (0: from the first). */
  readonly after: number;
  /** Up to this position; inside a commit it means that commit's end. */
  readonly until: number;
}

/**
 * Reads the ledger in pages of whole commits, oldest first, each page in a short read of its own, so that nothing is
 * pinned while a page is worked on; a commit that a page cuts waits for the next one. Throws where a position is missing:
 * the ledger is damaged, and no fold of it is right.
 */
export async function* readCommits(
  ledger: Pick<Ledger, "read">,
  range: CommitRange,
): AsyncGenerator<readonly HashedEvent[]> {
  let { after, until } = range;
  let cut: readonly HashedEvent[] = [];
  while (after < until) {
    const page = await ledger.read({ after, until, limit: page_events });
    const last = page.at(-1);
    if (last === undefined) {
      throw new Error(
        `The ledger ends at position ${after}, before ${until}; run verify to learn what is wrong with it.`,
      );
    }
    for (const event of page) {
      after += 1;
      if (event.position !== after) {
        throw new Error(`The ledger has no event at position ${after}; run verify to learn what is wrong with it.`);
      }
    }
    if (after === until) until = Math.max(until, commitEnd(last));
    const events = cut.length === 0 ? page : [...cut, ...page];
    const whole = commitEnd(last) === after ? events.length : Math.max(0, events.length - last.meta.offset - 1);
    if (whole > 0) yield whole === events.length ? events : events.slice(0, whole);
    cut = events.slice(whole);
  }
}

/** The position of the last event of the commit that this event belongs to. */
export function commitEnd(event: HashedEvent): number {
  return event.position - event.meta.offset + event.meta.events - 1;
}
