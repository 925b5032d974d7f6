import { placeOf } from "./bit-set.ts";
import type { PostingsChange } from "./changed-spots.ts";
import { beginningsOf, field_count, type SearchedField, type Spots } from "./searched-words.ts";

/** What changes in one row of the index. */
export interface RowChange {
  readonly word: string;
  readonly field: number;
  readonly places: Map<number, PostingsChange>;
}

/** Gathers what changes in one block of the index. */
export class IndexChanges {
  readonly #rows = new Map<string, RowChange>();

  /** The rows that change, in the order of the index. */
  rows(): RowChange[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  /** A field has these words, whatever it had of them before. */
  put(number: number, field: SearchedField, spots: Spots): void {
    for (const [word, at] of spots) this.#change(number, word, field, "put", at);
    for (const letter of beginningsOf(spots.keys())) this.#change(number, letter, field + field_count, "put", []);
  }

  /** A field has these words in addition. */
  append(number: number, field: SearchedField, spots: Spots): void {
    for (const [word, at] of spots) this.#append(number, word, field, at);
    for (const letter of beginningsOf(spots.keys())) this.#change(number, letter, field + field_count, "put", []);
  }

  /** A field has other words than before. */
  replace(number: number, field: SearchedField, before: Spots, after: Spots): void {
    for (const word of before.keys()) if (!after.has(word)) this.#change(number, word, field, "remove", []);
    const letters = beginningsOf(after.keys());
    for (const letter of beginningsOf(before.keys())) {
      if (!letters.has(letter)) this.#change(number, letter, field + field_count, "remove", []);
    }
    this.put(number, field, after);
  }

  #append(number: number, word: string, field: number, spots: readonly number[]): void {
    const earlier = this.#row(word, field).places.get(placeOf(number));
    if (earlier === undefined) this.#change(number, word, field, "append", spots);
    else this.#change(number, word, field, earlier.kind, [...earlier.spots, ...spots]);
  }

  #change(number: number, word: string, field: number, kind: PostingsChange["kind"], spots: readonly number[]): void {
    this.#row(word, field).places.set(placeOf(number), { kind, spots });
  }

  #row(word: string, field: number): RowChange {
    const key = `${word} ${field}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { word, field, places: new Map() };
      this.#rows.set(key, row);
    }
    return row;
  }
}
