/** The middle of some measurements, and how far apart they were. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1);
  return (low + high) / 2;
}

/** Median, least and most. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** What each measurement is of the one that was taken in turn with it. */
export function ratios(ours: readonly number[], yardstick: readonly number[]): Spread {
  return spread(ours.map((value, index) => value / (yardstick[index] ?? Number.NaN)));
}

/** A number with as many digits as one can use. */
export function rounded(value: number): string {
  return value < 100 ? value.toFixed(2) : Math.round(value).toString();
}

/** A spread as it is printed. */
export function spreadText({ median: middle, min, max }: Spread): string {
  return `${rounded(middle)} (${rounded(min)} … ${rounded(max)})`;
}

/**
 * Does two things in turn, round by round, after a round that does not count and warms both up; who begins changes each round.
 * Returns what each gave, in the order of the rounds.
 */
export async function inTurn<One, Other>(
  rounds: number,
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<{ readonly one: One[]; readonly other: Other[] }> {
  const results = { one: [] as One[], other: [] as Other[] };
  for (let round = 0; round <= rounds; round += 1) {
    const isFirst = round % 2 === 0;
    const early = isFirst ? await one() : undefined;
    const theirs = await other();
    const ours = early ?? (await one());
    if (round === 0) continue;
    results.one.push(ours);
    results.other.push(theirs);
  }
  return results;
}
