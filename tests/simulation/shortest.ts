/**
 * A short list that still fails: ever smaller pieces are left out for as long as the rest fails (ddmin, Zeller and
 * Hildebrandt 2002, without its complements).
 */
export function shortestFailing<Value>(
  values: readonly Value[],
  isFailing: (values: readonly Value[]) => boolean,
): readonly Value[] {
  let shortest = values;
  for (let length = Math.ceil(values.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let start = 0; start < shortest.length; ) {
      const rest = [...shortest.slice(0, start), ...shortest.slice(start + length)];
      if (rest.length < shortest.length && isFailing(rest)) shortest = rest;
      else start += length;
    }
  }
  return shortest;
}
