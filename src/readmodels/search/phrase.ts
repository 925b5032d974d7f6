import { type BitSet, isEmpty } from "./bit-set.ts";
import { allFields, type FieldSets, fieldsOf, inSameField, nothing, nowhere } from "./field-sets.ts";
import { following, type Occurrences, placesOfOccurrences, type WantedOccurrences } from "./occurrences.ts";
import { markOf } from "./spots.ts";
import { type ReadRow, setsOf, type WordLookup, type WordRows } from "./word-rows.ts";

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
    const standing = left.map((among, field) => this.#standing(words, rows, field, among));
    return standing.every(isEmpty) ? nowhere : standing;
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
   * after a word with the mark of the right one: where the words are never side by side, hardly any. The first word is read
   * last, because nothing is known of what comes before it.
   */
  #standing(words: readonly PhraseWord[], rows: readonly (readonly ReadRow[])[], field: number, among: BitSet): BitSet {
    if (isEmpty(among)) return among;
    const ofWords: Occurrences[] = [];
    let left = among;
    for (const { index, mark } of words.toSorted((a, b) => Number(a.index === 0) - Number(b.index === 0))) {
      const found = this.#occurrences(rows[index] ?? [], field, { among: left, mark });
      if (found.length === 0) return nothing;
      ofWords[index] = found;
      left = placesOfOccurrences(found);
    }
    return placesOfOccurrences(ofWords.reduce(following));
  }

  #occurrences(rows: readonly ReadRow[], field: number, wanted: WantedOccurrences): Occurrences {
    const found: number[] = [];
    let known_rows = 0;
    for (const row of rows) {
      if (row.field !== field) continue;
      this.#rows.addOccurrences(found, row, wanted);
      known_rows += 1;
    }
    return known_rows > 1 ? found.sort((a, b) => a - b) : found;
  }
}
