import { isEmpty } from "./bit-set.ts";
import { allFields, type FieldSets, fieldsOf, inSameField, nowhere, unlessEmpty } from "./field-sets.ts";
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
   * The words with the fewest come first, and of each but the phrase's first only those occurrences count that come after a
   * word with the mark of the right one: mostly nothing is left before a frequent word is looked at. The phrase's first word
   * says nothing of what is before it: where it stands is read last.
   */
  find(block: number, is_longer: boolean): FieldSets {
    if (is_longer && !this.#canEnd(block)) return nowhere;
    const last = this.#words.length - 1;
    const fields: Occurrences[][] = nowhere.map(() => []);
    let first: readonly ReadRow[] = [];
    let left: FieldSets = nowhere;
    let isLastRead = false;
    for (const [done, word] of this.#rarestFirst(is_longer).entries()) {
      const rows = this.#rows.rows(block, word, done === 0 ? allFields : fieldsOf(left));
      left = done === 0 ? setsOf(rows) : inSameField(left, setsOf(rows));
      if (word.index === 0) first = rows;
      else left = this.#standing(fields, rows, word, left);
      isLastRead ||= word.index === last;
      if (!isLastRead && (done === last - 1 || left === nowhere)) this.#beginnings.set(block, left);
      if (left === nowhere) return nowhere;
    }
    const start = { index: 0, mark: 0 };
    if (this.#standing(fields, first, start, left) === nowhere) return nowhere;
    return unlessEmpty(fields.map((words) => placesOfOccurrences(words.reduce(following))));
  }

  #rarestFirst(is_longer: boolean): PhraseWord[] {
    const last = this.#words.length - 1;
    const words = this.#words.map((word) => (is_longer && word.index === last ? { ...word, is_longer } : word));
    // Of the first word nothing is left out by its marks.
    const weight = (word: PhraseWord) => this.#rows.weightOf(word) * (word.index === 0 ? 4 : 1);
    return words.sort((a, b) => weight(a) - weight(b));
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

  /** Those of some incidents in which a word stands as it is wanted; where it does is put to the other words of each field. */
  #standing(
    fields: readonly Occurrences[][],
    rows: readonly ReadRow[],
    { index, mark }: Pick<PhraseWord, "index" | "mark">,
    left: FieldSets,
  ): FieldSets {
    if (left === nowhere) return nowhere;
    const standing = left.map((among, field) => {
      const found = isEmpty(among) ? none : this.#occurrences(rows, field, { among, mark });
      const words = fields[field];
      if (words !== undefined) words[index] = found;
      return placesOfOccurrences(found);
    });
    return unlessEmpty(standing);
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

const none: Occurrences = [];
