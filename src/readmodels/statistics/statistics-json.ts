import type { Statistics } from "./measure-statistics.ts";
import { countNames, type DurationSummary, durationNames, type MeasuredRow, summaryFields } from "./measured-row.ts";
import type { Dimension, StatisticsFilters } from "./statistics-query.ts";

/** What a row's key is called, by what the rows are grouped by. */
export const keyNames = {
  severity: "severity",
  team: "team",
  handler: "handler_id",
  day: "day",
} as const satisfies Record<Dimension, string>;

/** The answer as JSON: what was asked, the measures of all incidents, and those of each group. */
export function statisticsJson(statistics: Statistics, filters: StatisticsFilters): string {
  const { reported_after, reported_before, team } = filters;
  return JSON.stringify({
    from: reported_after ?? null,
    to: reported_before ?? null,
    team: team ?? null,
    time_zone: "UTC",
    percentiles: "exact, nearest rank",
    all: measuresOf(statistics.all),
    ...Object.fromEntries(
      statistics.by.map(({ dimension, rows }) => [
        `by_${dimension}`,
        rows.map((row) => ({ [keyNames[dimension]]: row.key, ...measuresOf(row) })),
      ]),
    ),
  });
}

function measuresOf({ counts, durations }: MeasuredRow): object {
  return {
    counts: Object.fromEntries(countNames.map((name, index) => [name, counts[index]])),
    ...Object.fromEntries(durationNames.map((name, index) => [name, inSeconds(durations[index])])),
  };
}

function inSeconds(summary: DurationSummary | undefined): object {
  return {
    count: summary?.count ?? 0,
    ...Object.fromEntries(summaryFields.map((field) => [`${field}_seconds`, secondsOf(summary?.[`${field}_ms`])])),
  };
}

/** Milliseconds in seconds, with all their digits; null stays null. */
export function secondsOf(duration_ms: number | null | undefined): number | null {
  return duration_ms === null || duration_ms === undefined ? null : duration_ms / 1000;
}
