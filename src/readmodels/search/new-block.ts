import { placeOf, setOf } from "./bit-set.ts";
import { type CodedSpots, type GrowingSpots, growingSpots, grownSpots, joinSpots, pushSpots } from "./coded-spots.ts";
import { type CodedPostings, encodePostings } from "./postings.ts";
import { beginningsOf, field_count, type SearchedField, type Spots } from "./searched-words.ts";

/** A row of the index that is ready to be written. */
export interface NewRow extends CodedPostings {
  readonly word: string;
  readonly field: number;
}

interface Growing {
  readonly places: number[];
  /** Coded spots of the places, the latest in `growing`. */
  readonly sealed: CodedSpots[];
  growing: GrowingSpots;
}

/** So many bytes are kept as numbers, which take several times their room. */
const most_loose_bytes = 4_000_000;

/** A block of the index that is made in one go, incident by incident, in the order of their numbers. */
export class NewBlock {
  readonly #block: number;
  readonly #fields: readonly Map<string, Growing>[] = Array.from({ length: 2 * field_count }, () => new Map());
  #loose_bytes = 0;

  constructor(block: number) {
    this.#block = block;
  }

  /** Adds all words of a field. To be called once for each field of an incident. */
  add(number: number, field: SearchedField, spots: Spots): void {
    const place = placeOf(number);
    for (const [word, at] of spots) {
      const row = this.#row(field, word);
      row.places.push(place);
      pushSpots(row.growing, at);
      this.#loose_bytes += 2 * at.length;
    }
    for (const letter of beginningsOf(spots.keys())) this.#row(field + field_count, letter).places.push(place);
    if (this.#loose_bytes > most_loose_bytes) this.#seal();
  }

  /** Its rows, in the order of the index. */
  rows(): NewRow[] {
    this.#seal();
    const grown = this.#fields.flatMap((words, field) => [...words].map(([word, row]) => ({ word, field, row })));
    grown.sort((a, b) => (a.word === b.word ? a.field - b.field : a.word < b.word ? -1 : 1));
    return grown.map(({ word, field, row: { places, sealed } }) => {
      const key = { block: this.#block, word, field };
      return { word, field, ...encodePostings(key, setOf(places), joinSpots(sealed)) };
    });
  }

  #row(field: number, word: string): Growing {
    const words = this.#fields[field];
    let row = words?.get(word);
    if (row === undefined) {
      row = { places: [], sealed: [], growing: growingSpots() };
      words?.set(word, row);
    }
    return row;
  }

  #seal(): void {
    for (const words of this.#fields) {
      for (const row of words.values()) {
        if (row.growing.counts.length === 0) continue;
        row.sealed.push(grownSpots(row.growing));
        row.growing = growingSpots();
      }
    }
    this.#loose_bytes = 0;
  }
}
