/** What was seen in one minute. */
export interface Minute {
  readonly minute: number;
  /** So many incidents were reported, changed and closed. */
  readonly incidents: number;
  /** What the process held at the end of the minute. */
  readonly memory_mb: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** The lengths of ledger.db-wal and read.db-wal. */
  readonly ledger_wal_mb: number;
  readonly list_wal_mb: number;
}

type Figure = Exclude<keyof Minute, "minute" | "incidents">;

/** By what each may be more in the last third than in the middle one, beside a fifth of itself: what chance moves it by. */
const slack: Readonly<Record<Figure, number>> = {
  memory_mb: 48,
  p50_ms: 5,
  p99_ms: 50,
  ledger_wal_mb: 8,
  list_wal_mb: 8,
};
/** With fewer minutes nothing can be told from the warming up. */
const fewest_minutes = 9;

/**
 * A sentence for each figure that goes on growing: the median of the last third is compared with that of the middle one; in
 * the first, caches fill.
 */
export function whatGrew(minutes: readonly Minute[]): string[] {
  if (minutes.length < fewest_minutes) return [];
  const third = Math.floor(minutes.length / 3);
  const middle = minutes.slice(-2 * third, -third);
  const last = minutes.slice(-third);
  return (Object.keys(slack) as Figure[]).flatMap((figure) => {
    const [before, after] = [median(middle, figure), median(last, figure)];
    return after <= before * 1.2 + slack[figure] ? [] : [`${figure} grew from ${before} to ${after}.`];
  });
}

function median(minutes: readonly Minute[], figure: Figure): number {
  const values = minutes.map((minute) => minute[figure]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}
