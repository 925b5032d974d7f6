import { type BitSet, bitsIn, emptySet } from "./bit-set.ts";
import type { CodedSpots } from "./coded-spots.ts";
import { nothing } from "./field-sets.ts";
import { last_stand } from "./spots.ts";

/**
 * Where words stand in a field of a block's incidents, ascending, one number for each: the incident's place × 65536 + how many
 * words stand before. Numbers that follow each other stand side by side: no word has 65535 before it.
 */
export type Occurrences = readonly number[];

const stands = last_stand + 1;

/** Incidents of a block whose occurrences are wanted, and what must be before the word there. */
export interface WantedOccurrences {
  readonly among: BitSet;
  /** Of the word right before; 0: any. */
  readonly mark: number;
}

/**
 * Adds the wanted occurrences to those that are known. `spots` are those of the incidents of `places` from one word of the set
 * up to another. What is not wanted is gone past: of an incident without the mark not even the steps are read.
 */
export function addOccurrences(
  known: number[],
  { counts, marks, steps }: CodedSpots,
  places: BitSet,
  [first_word, end_word]: readonly [number, number],
  { among, mark }: WantedOccurrences,
): void {
  // Where the mark comes next, as far as it was looked for.
  let mark_next = mark === 0 ? 0 : marks.indexOf(mark);
  if (mark_next === -1) return;
  let [count_at, mark_at, step_at, steps_behind] = [0, 0, 0, 0];
  for (let word = first_word; word < end_word; word += 1) {
    const those = places[word] ?? 0;
    const wanted = among[word] ?? 0;
    if ((those & wanted) === 0) {
      let sum = 0;
      // A number ends with its first byte below 128.
      for (let left = bitsIn(those), shift = 0; left > 0; count_at += 1) {
        const byte = counts[count_at] ?? 0;
        sum += (byte & 0x7f) << shift;
        shift = byte < 0x80 ? 0 : shift + 7;
        if (byte < 0x80) left -= 1;
      }
      mark_at += sum;
      steps_behind += sum;
      continue;
    }
    for (let left = those; left !== 0; left &= left - 1) {
      let count = counts[count_at] ?? 0;
      count_at += 1;
      if (count >= 0x80) {
        count &= 0x7f;
        for (let shift = 7, byte = 0x80; byte >= 0x80; shift += 7, count_at += 1) {
          byte = counts[count_at] ?? 0;
          count |= (byte & 0x7f) << shift;
        }
      }
      const end = mark_at + count;
      if (mark !== 0) {
        if (mark_next < mark_at) mark_next = mark_at;
        while (mark_next < end && marks[mark_next] !== mark) mark_next += 1;
      }
      const bit = left & -left;
      if ((wanted & bit) === 0 || count === 0 || (mark !== 0 && mark_next >= end)) {
        mark_at = end;
        steps_behind += count;
        continue;
      }
      for (; steps_behind > 0 && step_at < steps.length; step_at += 1)
        steps_behind -= 1 - ((steps[step_at] ?? 0) >>> 7);
      let occurrence = (32 * word + 31 - Math.clz32(bit)) * stands;
      for (; mark_at < end; mark_at += 1) {
        let byte = steps[step_at] ?? 0;
        let step = byte & 0x7f;
        for (let shift = 7; byte >= 0x80; shift += 7) {
          step_at += 1;
          byte = steps[step_at] ?? 0;
          step |= (byte & 0x7f) << shift;
        }
        step_at += 1;
        occurrence += step;
        if (mark === 0 || marks[mark_at] === mark) known.push(occurrence);
      }
    }
  }
}

/** The incidents that have an occurrence. */
export function placesOfOccurrences(occurrences: Occurrences): BitSet {
  if (occurrences.length === 0) return nothing;
  const set = emptySet();
  for (const occurrence of occurrences) {
    const word = occurrence >>> 21;
    set[word] = (set[word] ?? 0) | (1 << ((occurrence >>> 16) & 31));
  }
  return set;
}

/** Those that come right after one of `before`. */
export function following(before: Occurrences, occurrences: Occurrences): number[] {
  const found: number[] = [];
  let index = 0;
  for (const occurrence of occurrences) {
    while (index < before.length && (before[index] ?? 0) < occurrence - 1) index += 1;
    if (before[index] === occurrence - 1) found.push(occurrence);
  }
  return found;
}
