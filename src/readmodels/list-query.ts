import type { Status } from "../../projections/incident.ts";
import type { Search } from "./search/search-query.ts";

/** The orders in which the list can be read. A minus turns the whole order round. */
export const listSorts = ["-number", "number", "severity", "-severity", "timestamp", "-timestamp"] as const;

/**
 * `number`: as they were reported. `severity`: the most urgent first, then the longest ago, then by number.
 * `timestamp`: the longest ago first, then by number. `relevance`, only with a search: the best rank first, then the newest.
 */
export type ListSort = (typeof listSorts)[number] | "relevance";

/** Which incidents to list. All conditions hold together; names are compared exactly. */
export interface ListFilters {
  /** One of these; `open` stands for the four open ones. Empty: nothing has such a status. */
  readonly status?: readonly (Status | "open")[];
  readonly severity?: readonly number[];
  readonly team?: string;
  readonly assigned_to?: string;
  readonly type?: string;
  readonly source?: string;
  /** It has each of these labels, with that value. */
  readonly labels?: readonly { readonly key: string; readonly value: string }[];
  /** Reported at or after this instant. */
  readonly reported_after?: string;
  /** Reported before this instant, so that spans that meet have no incident in common. */
  readonly reported_before?: string;
}

/** One page of the list. */
export interface ListQuery extends ListFilters {
  /** What its texts must say. */
  readonly search?: Search;
  /** Without it `relevance` where there is a search, else `-number`. */
  readonly sort?: ListSort;
  /** At most this many, 1 to 1000. */
  readonly limit: number;
  /** Goes on where the page ended that gave it. */
  readonly cursor?: string;
  /** Also count all that match. */
  readonly count?: boolean;
}
