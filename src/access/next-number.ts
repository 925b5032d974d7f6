/**
 * SQL for a number that this table has never given, and that is above the parameter at its place. `table` is a word of the
 * code, never of a request.
 */
export function nextNumber(table: "keys" | "users"): string {
  return `max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${table}'), 0), ?) + 1`;
}

/** The highest of these numbers; 0 where there is none. */
export function highest(numbers: Iterable<number>): number {
  let most = 0;
  for (const number of numbers) most = Math.max(most, number);
  return most;
}
