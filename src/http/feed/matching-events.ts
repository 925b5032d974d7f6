import type { HashedEvent, Ledger } from "../../ledger/ledger.ts";
import { type EventFilter, filterStream, wants } from "./event-filter.ts";
import type { TeamsAlong } from "./teams-along.ts";

/** How many events one call looks at, at least, where they are picked here. */
const shortestPage = 200;

/** Where to look for events. */
export interface EventRange {
  /** Only what comes after this position. */
  readonly after: number;
  /** Only what comes up to this one. */
  readonly until: number;
  /** At most this many, from 1 to the ledger's largest page. */
  readonly limit: number;
}

/** What was found, oldest first, and up to which position everything was looked at. */
export interface MatchingEvents {
  readonly events: readonly HashedEvent[];
  readonly reached: number;
}

/**
 * Reads the next events that a filter wants. Where it names a team, one call looks at a page of the ledger and may find
 * fewer than there are: the caller goes on after `reached`.
 */
export async function readMatching(
  ledger: Pick<Ledger, "read">,
  filter: EventFilter,
  teams: TeamsAlong,
  { after, until, limit }: EventRange,
): Promise<MatchingEvents> {
  if (after >= until) return { events: [], reached: Math.max(after, until) };
  const stream = filterStream(filter);
  const source = { after, until, ...(stream === null ? {} : { stream }) };
  if (filter.team === null) {
    const types = filter.types === null ? {} : { types: filter.types };
    const events = await ledger.read({ ...source, ...types, limit });
    return { events, reached: endOf(events, limit, until) };
  }
  // The team of an event follows from events of other types too: here the ledger is asked for all.
  const page_events = Math.max(limit, shortestPage);
  const page = await ledger.read({ ...source, limit: page_events });
  const reached = endOf(page, page_events, until);
  const teamsOf = await teams.of(page, { after, reached });
  const found = page.filter((event, index) => wants(filter, event, teamsOf[index] ?? []));
  const last = found[limit - 1];
  return found.length > limit && last !== undefined
    ? { events: found.slice(0, limit), reached: last.position }
    : { events: found, reached };
}

/** A page that is not full ends where it was told to. */
function endOf(page: readonly HashedEvent[], limit: number, until: number): number {
  const last = page.at(-1);
  return page.length < limit || last === undefined ? until : last.position;
}
