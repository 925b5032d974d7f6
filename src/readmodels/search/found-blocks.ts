import { DamagedRow } from "../damaged-row.ts";
import type { ListConnection } from "../list-connection.ts";
import { addAll, type BitSet, block_numbers, emptySet, inBoth, isEmpty, without } from "./bit-set.ts";
import { phraseIn } from "./phrase.ts";
import { type PlacesRow, type Postings, type PostingsRow, readPlaces, readPostings } from "./postings.ts";
import type { Search, SearchUnit } from "./search-query.ts";
import { beginningOf, field_count } from "./searched-words.ts";

/** What is found ranks by where, then by how: everything in the title; title and description; comments too. Whole words first. */
export const rank_count = 2 * field_count;

/** Finds what matches a search, block by block. What was found is kept as long as the search goes on. */
export class FoundBlocks {
  readonly #connection: ListConnection;
  readonly #search: Search;
  readonly #whole = new Map<number, readonly BitSet[]>();
  readonly #any = new Map<number, readonly BitSet[]>();
  readonly #unwanted = new Map<number, BitSet>();
  readonly #units = new Map<number, Map<SearchUnit, readonly BitSet[]>>();
  /** About how many bytes there are of a word in a block, by what the block before had. */
  readonly #weights = new Map<string, number>();
  #work = 0;

  constructor(connection: ListConnection, search: Search) {
    this.#connection = connection;
    // Long words are rare: where the rarest is missing, no other need be looked up.
    const wanted = [...search.wanted].sort((a, b) => b.words.join().length - a.words.join().length);
    this.#search = { ...search, wanted };
  }

  /** How many rows of the index were read since this was asked last, more or less. */
  takeWork(): number {
    const work = this.#work;
    this.#work = 0;
    return work;
  }

  /**
   * What matches in a block with this rank, and with no better one. The best rank needs whole words only, and so does not
   * read the many rows that a few letters are the beginning of.
   */
  ranked(block: number, rank: number): BitSet {
    if (rank > 0 && this.#levels(block, true) === nowhere) return nothing;
    const level = rank >>> 1;
    const whole = at(this.#levels(block, false), level);
    const own = rank % 2 === 0 ? whole : without(at(this.#levels(block, true), level), whole);
    if (isEmpty(own)) return own;
    const better = level === 0 ? own : without(own, at(this.#levels(block, true), level - 1));
    return this.#withoutUnwanted(block, better);
  }

  /** Whatever matches in a block. */
  all(block: number): BitSet {
    return this.#withoutUnwanted(block, at(this.#levels(block, true), field_count - 1));
  }

  /** What has everything that is wanted in the fields up to the first, the second, the third. */
  #levels(block: number, is_open: boolean): readonly BitSet[] {
    const known = is_open ? this.#any : this.#whole;
    let levels = known.get(block);
    if (levels === undefined) {
      levels = this.#findLevels(block, is_open);
      known.set(block, levels);
    }
    return levels;
  }

  #findLevels(block: number, is_open: boolean): readonly BitSet[] {
    let levels: readonly BitSet[] = [];
    for (const [index, unit] of this.#search.wanted.entries()) {
      const having = this.#having(block, unit, is_open);
      if (having === nowhere) return nowhere;
      const upTo = cumulated(having);
      levels = index === 0 ? upTo : levels.map((set, level) => inBoth(set, at(upTo, level)));
      if (isEmpty(at(levels, field_count - 1))) return nowhere;
    }
    return levels;
  }

  #withoutUnwanted(block: number, set: BitSet): BitSet {
    if (this.#search.unwanted.length === 0 || isEmpty(set)) return set;
    let out = this.#unwanted.get(block);
    if (out === undefined) {
      out = emptySet();
      for (const unit of this.#search.unwanted) {
        for (const having of this.#having(block, unit, true)) addAll(out, having);
      }
      this.#unwanted.set(block, out);
    }
    return without(set, out);
  }

  /** What has a unit, by field; `is_open`: also where its last word is the beginning of a longer one. */
  #having(block: number, unit: SearchUnit, is_open: boolean): readonly BitSet[] {
    let ofBlock = this.#units.get(block);
    if (ofBlock === undefined) {
      ofBlock = new Map();
      this.#units.set(block, ofBlock);
    }
    let whole = ofBlock.get(unit);
    if (whole === undefined) {
      whole = this.#find(block, unit, false);
      ofBlock.set(unit, whole);
    }
    return is_open && unit.is_open ? inEither(whole, this.#find(block, unit, true)) : whole;
  }

  #find(block: number, unit: SearchUnit, is_longer: boolean): readonly BitSet[] {
    const [word, ...others] = unit.words;
    return word !== undefined && others.length === 0
      ? this.#findWord(block, word, is_longer)
      : this.#findPhrase(block, unit, is_longer);
  }

  #findWord(block: number, word: string, is_longer: boolean): readonly BitSet[] {
    const byLetter = is_longer && beginningOf(word) === word;
    const rows = this.#rows(block, word, is_longer && !byLetter, byLetter ? letterFields : wordFields);
    if (rows.length === 0) return nowhere;
    const having = fields();
    for (const row of rows) addPlaces(at(having, row.field % field_count), row);
    return having;
  }

  /**
   * First the places alone, the words with the fewest first: mostly nothing is left before a frequent word is looked at. Only
   * where all words are in the same field of an incident it is read where they stand.
   */
  #findPhrase(block: number, { words }: SearchUnit, is_longer: boolean): readonly BitSet[] {
    const longer = is_longer ? words.length - 1 : -1;
    const weightOf = (index: number) => this.#weights.get(weightKey(words[index] ?? "", index === longer)) ?? 0;
    let left: readonly BitSet[] | null = null;
    for (const index of [...words.keys()].sort((a, b) => weightOf(a) - weightOf(b))) {
      const found = this.#rows(block, words[index] ?? "", index === longer, fieldsOf(left));
      left = placesLeft(left, found);
      if (left.every(isEmpty)) return nowhere;
    }
    const fields = fieldsOf(left);
    const postings = words.map((word, index) => this.#postings(block, word, index === longer, fields));
    return (left ?? nowhere).map((places, field) =>
      isEmpty(places)
        ? places
        : phraseIn(
            places,
            postings.map((each) => each.get(field) ?? []),
          ),
    );
  }

  /** The rows of a word, or of all longer words that it begins. */
  #rows(block: number, word: string, is_longer: boolean, { from, to }: FieldSpan): PlacesRow[] {
    const rows = is_longer
      ? this.#connection.all<PlacesRow>(longerWords("places"), [block, word, `${word}\u{10ffff}`, from, to])
      : this.#connection.all<PlacesRow>(thisWord("places"), [block, word, from, to]);
    this.#work += 1 + rows.length;
    const bytes = rows.reduce((sum, { places }) => sum + places.length, 0);
    this.#weights.set(weightKey(word, is_longer), bytes);
    return rows;
  }

  /** The same rows whole, by field. */
  #postings(block: number, word: string, is_longer: boolean, { from, to }: FieldSpan): Map<number, Postings[]> {
    const rows = is_longer
      ? this.#connection.all<PostingsRow>(longerWords("places, spots"), [block, word, `${word}\u{10ffff}`, from, to])
      : this.#connection.all<PostingsRow>(thisWord("places, spots"), [block, word, from, to]);
    this.#work += rows.length;
    const byField = new Map<number, Postings[]>();
    for (const row of rows) {
      const postings = readPostings(row);
      if (postings === null) throw damaged(row);
      const others = byField.get(row.field);
      if (others === undefined) byField.set(row.field, [postings]);
      else others.push(postings);
    }
    return byField;
  }
}

interface FieldSpan {
  readonly from: number;
  readonly to: number;
}

const wordFields: FieldSpan = { from: 0, to: field_count - 1 };
const letterFields: FieldSpan = { from: field_count, to: 2 * field_count - 1 };
/** Never changed: what is found nowhere is found there by all. */
const nothing = emptySet();
const nowhere: readonly BitSet[] = fields().map(() => nothing);

function fieldsOf(left: readonly BitSet[] | null): FieldSpan {
  if (left === null) return wordFields;
  return { from: left.findIndex((places) => !isEmpty(places)), to: left.findLastIndex((places) => !isEmpty(places)) };
}

function placesLeft(left: readonly BitSet[] | null, rows: readonly PlacesRow[]): readonly BitSet[] {
  const having = fields();
  for (const row of rows) addPlaces(at(having, row.field), row);
  return left === null ? having : having.map((places, field) => inBoth(places, at(left, field)));
}

function thisWord(columns: string): string {
  return `SELECT block, word, field, ${columns} FROM words WHERE block = ? AND word = ? AND field BETWEEN ? AND ?`;
}

function longerWords(columns: string): string {
  return `SELECT block, word, field, ${columns} FROM words WHERE block = ? AND word > ? AND word < ? AND field BETWEEN ? AND ?`;
}

function addPlaces(set: BitSet, row: PlacesRow): void {
  if (!readPlaces(row, set)) throw damaged(row);
}

/** Whichever incident of the block is folded anew: its block of the index is looked at whole then. */
function damaged({ block }: PlacesRow): DamagedRow {
  return new DamagedRow(Math.max(1, block * block_numbers));
}

function at(sets: readonly BitSet[], index: number): BitSet {
  return sets[index] ?? nothing;
}

function inEither(a: readonly BitSet[], b: readonly BitSet[]): readonly BitSet[] {
  if (b === nowhere) return a;
  return b.map((places, field) => {
    const either = places.slice();
    addAll(either, at(a, field));
    return either;
  });
}

function weightKey(word: string, is_longer: boolean): string {
  return is_longer ? `${word}*` : word;
}

/** By field, what is in it or in one before. */
function cumulated(having: readonly BitSet[]): BitSet[] {
  const all = emptySet();
  return having.map((places) => {
    addAll(all, places);
    return all.slice();
  });
}

function fields(): BitSet[] {
  return Array.from({ length: field_count }, emptySet);
}
