import type { ListFilters } from "../list-query.ts";

/** What incidents can be grouped by, in the order of the answer. */
export const dimensions = ["severity", "team", "handler", "day"] as const;

/** `handler`: who has it, or had it when it ended. `day`: that of the report, in UTC. */
export type Dimension = (typeof dimensions)[number];

/** Which incidents to measure. Names are compared exactly. */
export type StatisticsFilters = Omit<ListFilters, "status">;

/** One question to the statistics. */
export interface StatisticsQuery {
  readonly filters: StatisticsFilters;
  readonly by: readonly Dimension[];
  /** These have a row even where they have no incident. */
  readonly teams: readonly string[];
  readonly handlers: readonly string[];
  readonly format: "json" | "csv";
  /** With more groups than this there is no answer. */
  readonly most_groups: number;
}

/** The answer, as it goes out. */
export interface StatisticsAnswer {
  /** JSON or CSV, in UTF-8. */
  readonly body: Uint8Array;
  /** The position up to which the list was folded. */
  readonly position: number;
}

/** Thrown where an answer would have more groups than were allowed. */
export class TooManyGroups extends Error {
  readonly dimension: Dimension;
  constructor(dimension: Dimension) {
    super(`There are too many groups by ${dimension}.`);
    this.name = "TooManyGroups";
    this.dimension = dimension;
  }
}
