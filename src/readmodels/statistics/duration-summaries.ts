import type { DurationSummary } from "./measured-row.ts";

const digit_bits = 11;
const digits = 2 ** digit_bits;

/**
 * The indexes of the values that are numbers, in ascending order of the values, which are whole and not below zero. A radix
 * sort (least significant digit first): a million take a few hundredths of a second, whatever they are.
 */
export function ascending(values: Float64Array): Uint32Array {
  let highest = 0;
  let size = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    size += 1;
    if (value > highest) highest = value;
  }
  let order = new Uint32Array(size);
  for (let index = 0, filled = 0; index < values.length; index += 1) {
    if (Number.isNaN(values[index])) continue;
    order[filled] = index;
    filled += 1;
  }
  let spare = new Uint32Array(size);
  for (let unit = 1; unit <= highest; unit *= digits) {
    sortByDigit(values, unit, order, spare);
    [order, spare] = [spare, order];
  }
  return order;
}

/** One stable pass; dividing by a power of two is exact, and `&` takes the lowest bits of the whole part. */
function sortByDigit(values: Float64Array, unit: number, from: Uint32Array, to: Uint32Array): void {
  const starts = new Uint32Array(digits + 1);
  for (const index of from) {
    const next = ((at(values, index) / unit) & (digits - 1)) + 1;
    starts[next] = at(starts, next) + 1;
  }
  for (let digit = 1; digit <= digits; digit += 1) starts[digit] = at(starts, digit) + at(starts, digit - 1);
  for (const index of from) {
    const digit = (at(values, index) / unit) & (digits - 1);
    const place = at(starts, digit);
    to[place] = index;
    starts[digit] = place + 1;
  }
}

/**
 * Summarises values group by group, exactly. `order`: their indexes in ascending order; `groups`: the group of each index,
 * below `size`. One walk in ascending order passes each group's values in ascending order too.
 */
export function summarise(
  values: Float64Array,
  order: Uint32Array,
  groups: Uint32Array,
  size: number,
): DurationSummary[] {
  const counts = new Uint32Array(size);
  const sums = new Float64Array(size);
  const highest = new Float64Array(size);
  for (const index of order) {
    const group = at(groups, index);
    const value = at(values, index);
    counts[group] = at(counts, group) + 1;
    sums[group] = at(sums, group) + value;
    highest[group] = value;
  }
  const ranks = [50, 90, 99].map((percent) => counts.map((count) => nearestRank(count, percent)));
  const found = ranks.map(() => new Float64Array(size));
  const seen = new Uint32Array(size);
  const [r50, r90, r99] = ranks as [Uint32Array, Uint32Array, Uint32Array];
  const [p50, p90, p99] = found as [Float64Array, Float64Array, Float64Array];
  for (const index of order) {
    const group = at(groups, index);
    const rank = at(seen, group) + 1;
    seen[group] = rank;
    if (rank === r50[group]) p50[group] = at(values, index);
    if (rank === r90[group]) p90[group] = at(values, index);
    if (rank === r99[group]) p99[group] = at(values, index);
  }
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
function at(array: Float64Array | Uint32Array, index: number): number {
  return array[index] as number;
}
