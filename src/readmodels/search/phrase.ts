import { type BitSet, isEmpty, setOf } from "./bit-set.ts";
import { allFields, type FieldSets, fieldsOf, inSameField, nothing, nowhere } from "./field-sets.ts";
import { markOf } from "./spots.ts";
import { type ReadRow, type Stands, setsOf, type WordLookup, type WordRows } from "./word-rows.ts";

interface PhraseWord extends WordLookup {
  readonly index: number;
  /** Of the word before it; 0: it is the first. */
  readonly mark: number;
}

/** Finds in which incidents a phrase of two words or more stands, block by block. */
export class Phrase {
  readonly #rows: WordRows;
  readonly #words: readonly PhraseWord[];
  /** By block, which incidents have all words but the last in a field, where that is known. */
  readonly #beginnings = new Map<number, FieldSets>();

  constructor(rows: WordRows, words: readonly string[]) {
    this.#rows = rows;
    this.#words = words.map((word, index) => {
      const before = words[index - 1];
      return { word, index, is_longer: false, mark: before === undefined ? 0 : markOf(before) };
    });
  }

  /**
   * What has the phrase in a block, by field; `is_longer`: with longer words that its last one begins, instead of that one.
   * First the places alone, the words with the fewest first: mostly nothing is left before a frequent word is looked at. Only
   * where all words are in the same field of an incident it is read where they stand.
   */
  find(block: number, is_longer: boolean): FieldSets {
    if (is_longer && !this.#canEnd(block)) return nowhere;
    const last = this.#words.length - 1;
    const words = this.#words.map((word) => ({ ...word, is_longer: is_longer && word.index === last }));
    words.sort((a, b) => this.#rows.weightOf(a) - this.#rows.weightOf(b));
    const rows: ReadRow[][] = [];
    let left: FieldSets = nowhere;
    for (const [done, word] of words.entries()) {
      const found = this.#rows.rows(block, word, done === 0 ? allFields : fieldsOf(left));
      rows[word.index] = found;
      left = done === 0 ? setsOf(found) : inSameField(left, setsOf(found));
      const isBeginning = rows[last] === undefined && (done === last - 1 || left === nowhere);
      if (isBeginning) this.#beginnings.set(block, left);
      if (left === nowhere) return nowhere;
    }
    return left.map((among, field) =>
      this.#standing(
        words,
        rows.map((ofWord) => ofWord.filter((row) => row.field === field)),
        among,
      ),
    );
  }

  /** Whether a longer word can end the phrase in a block, as far as that is known. */
  #canEnd(block: number): boolean {
    const beginning = this.#beginnings.get(block);
    const last = this.#words.at(-1);
    if (beginning === undefined || last === undefined) return true;
    if (beginning === nowhere) return false;
    const ends = this.#rows.places(block, { word: last.word, is_longer: true }, fieldsOf(beginning));
    return inSameField(beginning, ends) !== nowhere;
  }

  /**
   * In which of some incidents the phrase stands. Of each word but the first only those occurrences are looked at that come
   * after a word with the mark of the right one: where the words are never side by side, hardly any.
   */
  #standing(words: readonly PhraseWord[], rows: readonly (readonly ReadRow[])[], among: BitSet): BitSet {
    if (isEmpty(among)) return among;
    const stands: Stands[] = [];
    let left = among;
    for (const { index, mark } of [
      ...words.filter((word) => word.index > 0),
      ...words.filter((word) => word.index === 0),
    ]) {
      const found: Stands = new Map();
      for (const row of rows[index] ?? []) this.#rows.addStands(found, row, left, mark);
      if (found.size === 0) return nothing;
      stands[index] = found;
      left = setOf(found.keys());
    }
    return setOf([...(stands[0]?.keys() ?? [])].filter((place) => standsAt(place, stands)));
  }
}

function standsAt(place: number, words: readonly Stands[]): boolean {
  let ends: readonly number[] | null = null;
  for (const stands of words) {
    const ofWord: readonly number[] = stands.get(place) ?? [];
    ends = ends === null ? ofWord : following(ends, ofWord);
    if (ends.length === 0) return false;
  }
  return true;
}

/** Those that are one more than one of `before`. Both ascend. */
function following(before: readonly number[], stands: readonly number[]): readonly number[] {
  let index = 0;
  return stands.filter((stand) => {
    while (index < before.length && (before[index] ?? 0) < stand - 1) index += 1;
    return before[index] === stand - 1;
  });
}
