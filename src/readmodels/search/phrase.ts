import { addTo, type BitSet, emptySet, placesIn } from "./bit-set.ts";
import { type Postings, SpotsReader } from "./postings.ts";

/** In which of some places the phrase stands whose words have these rows, in their order. */
export function phraseIn(places: BitSet, rows: readonly (readonly Postings[])[]): BitSet {
  const readers = rows.map((ofWord) => ofWord.map((row) => new SpotsReader(row)));
  const found = emptySet();
  for (const place of placesIn(places)) if (standsAt(place, readers)) addTo(found, place);
  return found;
}

function standsAt(place: number, readers: readonly (readonly SpotsReader[])[]): boolean {
  let ends: readonly number[] | null = null;
  for (const ofWord of readers) {
    const spots = union(ofWord.map((reader) => reader.at(place)));
    ends = ends === null ? spots : following(ends, spots);
    if (ends.length === 0) return false;
  }
  return true;
}

/** Those spots that are right after one of `before`. Both ascend. */
function following(before: readonly number[], spots: readonly number[]): readonly number[] {
  let index = 0;
  return spots.filter((spot) => {
    while (index < before.length && (before[index] ?? 0) < spot - 1) index += 1;
    return before[index] === spot - 1;
  });
}

function union(lists: readonly number[][]): readonly number[] {
  const [only] = lists;
  return lists.length === 1 && only !== undefined ? only : lists.flat().sort((a, b) => a - b);
}
