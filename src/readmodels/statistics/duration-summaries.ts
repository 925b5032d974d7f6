import type { DurationSummary } from "./measured-row.ts";

const digit_bits = 11;
const digits = 2 ** digit_bits;
const percents = [50, 90, 99] as const;

/** Values in ascending order, and at which index each of them stood. */
export interface Ascending {
  readonly values: Float64Array;
  readonly indexes: Uint32Array;
}

/**
 * Those of the values that are numbers, which are whole and not below zero, in ascending order. A radix sort (least
 * significant digit first): a million take some hundredths of a second, whatever they are.
 */
export function ascending(values: Float64Array): Ascending {
  let highest = 0;
  let size = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    size += 1;
    if (value > highest) highest = value;
  }
  let from = emptyRun(size);
  for (let index = 0, filled = 0; index < values.length; index += 1) {
    const value = at(values, index);
    if (Number.isNaN(value)) continue;
    from.values[filled] = value;
    from.indexes[filled] = index;
    filled += 1;
  }
  let to = emptyRun(size);
  for (let unit = 1; unit <= highest; unit *= digits) {
    sortByDigit(unit, from, to);
    [from, to] = [to, from];
  }
  return from;
}

function emptyRun(size: number): Ascending {
  return { values: new Float64Array(size), indexes: new Uint32Array(size) };
}

/** One stable pass; dividing by a power of two is exact, and `&` takes the lowest bits of the whole part. */
function sortByDigit(unit: number, from: Ascending, to: Ascending): void {
  const size = from.values.length;
  const starts = new Uint32Array(digits + 1);
  for (let place = 0; place < size; place += 1) {
    const next = ((at(from.values, place) / unit) & (digits - 1)) + 1;
    starts[next] = at(starts, next) + 1;
  }
  for (let digit = 1; digit <= digits; digit += 1) starts[digit] = at(starts, digit) + at(starts, digit - 1);
  for (let place = 0; place < size; place += 1) {
    const value = at(from.values, place);
    const digit = (value / unit) & (digits - 1);
    const start = at(starts, digit);
    to.values[start] = value;
    to.indexes[start] = at(from.indexes, place);
    starts[digit] = start + 1;
  }
}

/**
 * Summarises values group by group, exactly. `groups`: the group of each index, below `size`. A walk in ascending order
 * passes each group's values in ascending order too.
 */
export function summarise({ values, indexes }: Ascending, groups: Uint16Array, size: number): DurationSummary[] {
  const counts = new Uint32Array(size);
  const sums = new Float64Array(size);
  const highest = new Float64Array(size);
  // Looked up once: what is far apart in memory is what takes the time.
  const group_at = new Uint16Array(values.length);
  for (let place = 0; place < values.length; place += 1) {
    const group = at(groups, at(indexes, place));
    const value = at(values, place);
    group_at[place] = group;
    counts[group] = at(counts, group) + 1;
    sums[group] = at(sums, group) + value;
    highest[group] = value;
  }
  const percentiles = percents.map(() => new Float64Array(size));
  const ranks = percents.map((percent) => counts.map((count) => nearestRank(count, percent)));
  const seen = new Uint32Array(size);
  // Which percentile of each group comes next, and at which of its places.
  const next = new Uint8Array(size);
  const wanted = (ranks[0] as Uint32Array).slice();
  for (let place = 0; place < values.length; place += 1) {
    const group = at(group_at, place);
    const rank = at(seen, group) + 1;
    seen[group] = rank;
    // Several percentiles of few values are at the same place.
    while (rank === wanted[group]) {
      const which = at(next, group);
      (percentiles[which] as Float64Array)[group] = at(values, place);
      next[group] = which + 1;
      wanted[group] = ranks[which + 1]?.[group] ?? 0;
    }
  }
  const [p50 = sums, p90 = sums, p99 = sums] = percentiles;
  return Array.from(counts, (count, group) => ({
    count,
    mean_ms: count === 0 ? null : Math.round(at(sums, group) / count),
    p50_ms: count === 0 ? null : at(p50, group),
    p90_ms: count === 0 ? null : at(p90, group),
    p99_ms: count === 0 ? null : at(p99, group),
    max_ms: count === 0 ? null : at(highest, group),
  }));
}

/** The place, from 1, of the smallest of so many values that at least so many percent of them do not exceed. */
function nearestRank(count: number, percent: number): number {
  return Math.ceil((count * percent) / 100);
}

/** An element that is there. */
function at(array: Float64Array | Uint32Array | Uint16Array | Uint8Array, index: number): number {
  return array[index] as number;
}
