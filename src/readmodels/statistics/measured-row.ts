/** What is counted of a group of incidents, in the order of the answer. */
export const countNames = [
  "reported",
  "open",
  "pending",
  "assigned",
  "acknowledged",
  "snoozed",
  "resolved",
  "closed",
  "dismissed",
  "merged",
  "reported_resolved",
  "queued",
  "repeats",
  "reopened",
  "reopenings",
  "reassigned",
  "handed_over",
  "rerouted",
  "handed_back",
  "escalated",
  "raised_by_hand",
  "raised_by_rule",
] as const;

/** The name of a count. */
export type CountName = (typeof countNames)[number];

/** The place of a count among `countNames`. */
export function countIndex(name: CountName): number {
  return countNames.indexOf(name);
}

/** The durations that are measured, in the order of the answer. */
export const durationNames = ["time_to_acknowledge", "time_to_resolve", "time_in_queue"] as const;

/** What is said of the durations of a group, in milliseconds. All but `count` are null where there is none. */
export interface DurationSummary {
  readonly count: number;
  readonly mean_ms: number | null;
  /** Percentiles by nearest rank: the smallest of the durations that at least so many percent do not exceed. */
  readonly p50_ms: number | null;
  readonly p90_ms: number | null;
  readonly p99_ms: number | null;
  readonly max_ms: number | null;
}

/** The fields of a summary, in the order of the answer, where they are in seconds. */
export const summaryFields = ["mean", "p50", "p90", "p99", "max"] as const;

/** What a group of incidents measures. */
export interface MeasuredRow {
  /** Severity, team, handler or day; null: nobody's, or the row of all. */
  readonly key: string | number | null;
  /** As `countNames`. */
  readonly counts: readonly number[];
  /** As `durationNames`. */
  readonly durations: readonly DurationSummary[];
}

const nothing: DurationSummary = { count: 0, mean_ms: null, p50_ms: null, p90_ms: null, p99_ms: null, max_ms: null };

/** A row of no incidents. */
export function emptyRow(key: MeasuredRow["key"]): MeasuredRow {
  return { key, counts: countNames.map(() => 0), durations: durationNames.map(() => nothing) };
}
