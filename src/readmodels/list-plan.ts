import { conditionsOf, type ListCondition, type ListConditions, type SqlValue } from "./list-conditions.ts";
import type { ListConnection } from "./list-connection.ts";
import type { ListFilters } from "./list-query.ts";

/** How much of the list is looked at in one go. */
export interface ListLimits {
  /** Up to so many rows are found through one index and then sorted; where there are more, the order's index is walked. */
  readonly sortable_rows: number;
  /** So many rows are looked at before everybody else has their turn. */
  readonly window_rows: number;
}

/** A few milliseconds each. */
export const listLimits: ListLimits = { sortable_rows: 10_000, window_rows: 2000 };

/** Where the rows of a query come from: the table, one of its indexes, or the labels. All in order of the number. */
export interface ListSource {
  readonly from: string;
  /** The number's column in what comes first. */
  readonly number: string;
  /** Conditions on what is not a column of the row. */
  readonly sql: readonly string[];
  readonly values: readonly SqlValue[];
  /** How many rows it gives, at most one more than `sortable_rows`. */
  readonly rows: number;
  /** The condition that it answers by itself. */
  readonly answers?: ListCondition;
}

/** What is known of a query before its rows are read. */
export interface ListPlan {
  readonly conditions: ListConditions;
  /** Every condition but the span, over the row `i`. */
  readonly sql: readonly string[];
  readonly values: readonly SqlValue[];
  /** Numbers outside these cannot match. */
  readonly first: number;
  readonly last: number;
  /** No number is left out by them. */
  readonly whole: boolean;
  readonly source: ListSource;
  readonly limits: ListLimits;
}

const table: Omit<ListSource, "rows"> = {
  from: "incidents AS i NOT INDEXED",
  number: "i.number",
  sql: [],
  values: [],
};

/** Decides how a query is answered: by whatever of its conditions leaves the fewest rows. */
export function planList(connection: ListConnection, filters: ListFilters, limits: ListLimits): ListPlan {
  const conditions = conditionsOf(filters);
  const { first, last } = conditions.nothing ? { first: 1, last: 0 } : spanOf(connection, filters);
  const labelled = "EXISTS (SELECT 1 FROM labels WHERE key = ? AND value = ? AND number = i.number)";
  return {
    conditions,
    sql: [...conditions.columns.map(({ sql }) => sql), ...conditions.labels.map(() => labelled)],
    values: [
      ...conditions.columns.flatMap(({ values }) => values),
      ...conditions.labels.flatMap(({ key, value }) => [key, value]),
    ],
    first,
    last,
    whole: filters.reported_after === undefined && filters.reported_before === undefined,
    source: smallestSource(connection, conditions, first, last, limits.sortable_rows + 1),
    limits,
  };
}

function smallestSource(
  connection: ListConnection,
  conditions: ListConditions,
  first: number,
  last: number,
  most_rows: number,
): ListSource {
  let smallest: ListSource = { ...table, rows: Math.min(Math.max(last - first + 1, 0), most_rows) };
  for (const candidate of sourcesOf(conditions)) {
    if (smallest.rows === 0) break;
    const wanted = [...candidate.sql, ...(candidate.answers === undefined ? [] : [candidate.answers.sql])];
    const rows = connection.number(
      `SELECT count(*) AS n FROM (SELECT 1 FROM ${candidate.counted} WHERE ${wanted.join(" AND ")}
       AND ${candidate.number} BETWEEN ? AND ? LIMIT ${most_rows})`,
      [...candidate.values, ...(candidate.answers?.values ?? []), first, last],
    );
    // Where nothing is small, an index still leads past what cannot match.
    if (rows < smallest.rows || smallest.from === table.from) smallest = { ...candidate, rows };
  }
  return smallest;
}

interface Candidate extends Omit<ListSource, "rows"> {
  /** What is enough to count its rows. */
  readonly counted: string;
}

function sourcesOf(conditions: ListConditions): Candidate[] {
  return [
    ...conditions.columns.map((answers) => ({
      from: `incidents AS i INDEXED BY ${answers.index}`,
      counted: `incidents AS i INDEXED BY ${answers.index}`,
      number: "i.number",
      sql: [],
      values: [],
      answers,
    })),
    ...conditions.labels.map(({ key, value }) => ({
      from: "labels AS l CROSS JOIN incidents AS i ON i.number = l.number",
      counted: "labels AS l",
      number: "l.number",
      sql: ["l.key = ?", "l.value = ?"],
      values: [key, value],
    })),
  ];
}

/**
 * The numbers between which the report's time can be as asked. Numbers are given in the order of reporting and desk time
 * never runs back, so that no index on the time is needed.
 */
export function spanOf(connection: ListConnection, filters: ListFilters): { first: number; last: number } {
  const highest = connection.number("SELECT max(number) AS n FROM incidents", []);
  const { reported_after, reported_before } = filters;
  return {
    first: reported_after === undefined ? 1 : firstReportedFrom(connection, highest, reported_after),
    last: reported_before === undefined ? highest : firstReportedFrom(connection, highest, reported_before) - 1,
  };
}

/** Every incident from this number on was reported at or after the instant, and no incident before it. */
function firstReportedFrom(connection: ListConnection, highest: number, instant: string): number {
  let low = 1;
  let high = highest + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = connection.get<{ number: number; reported_at: string }>(
      "SELECT number, reported_at FROM incidents NOT INDEXED WHERE number >= ? ORDER BY number LIMIT 1",
      [middle],
    );
    if (row === undefined || row.reported_at >= instant) high = middle;
    else low = row.number + 1;
  }
  return low;
}
