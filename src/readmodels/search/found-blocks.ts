import { DamagedRow } from "../damaged-row.ts";
import type { ListConnection } from "../list-connection.ts";
import { addAll, addTo, type BitSet, block_numbers, emptySet, inBoth, isEmpty, placesIn, without } from "./bit-set.ts";
import { hasSpots, type PostingsRow, readPlaces, SpotsReader } from "./postings.ts";
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
      const having = this.#having(block, { ...unit, is_open: unit.is_open && is_open });
      for (let field = 1; field < field_count; field += 1) addAll(at(having, field), at(having, field - 1));
      levels = index === 0 ? having : levels.map((set, level) => inBoth(set, at(having, level)));
      if (isEmpty(at(levels, field_count - 1))) break;
    }
    return levels;
  }

  #withoutUnwanted(block: number, set: BitSet): BitSet {
    if (this.#search.unwanted.length === 0 || isEmpty(set)) return set;
    let out = this.#unwanted.get(block);
    if (out === undefined) {
      out = emptySet();
      for (const unit of this.#search.unwanted) for (const having of this.#having(block, unit)) addAll(out, having);
      this.#unwanted.set(block, out);
    }
    return without(set, out);
  }

  /** What has a unit, by field. */
  #having(block: number, unit: SearchUnit): BitSet[] {
    const [first, ...others] = unit.words;
    if (first !== undefined && others.length === 0) return this.#havingWord(block, first, unit.is_open);
    return this.#havingPhrase(block, unit);
  }

  #havingWord(block: number, word: string, is_open: boolean): BitSet[] {
    const having = fields();
    const byLetter = is_open && beginningOf(word) === word;
    for (const row of this.#rows(block, word, is_open && !byLetter)) {
      if (byLetter || hasSpots(row.field)) addPlaces(at(having, row.field % field_count), row);
    }
    return having;
  }

  #havingPhrase(block: number, { words, is_open }: SearchUnit): BitSet[] {
    const rows: PostingsRow[][] = [];
    for (const [index, word] of words.entries()) {
      const found = this.#rows(block, word, is_open && index === words.length - 1);
      rows.push(found.filter(({ field }) => hasSpots(field)));
      if (found.length === 0) return fields();
    }
    return fields().map((_, field) => phraseIn(rows.map((each) => each.filter((row) => row.field === field))));
  }

  #rows(block: number, word: string, is_open: boolean): PostingsRow[] {
    const rows = is_open
      ? this.#connection.all<PostingsRow>(selectBeginning, [block, word, `${word}\u{10ffff}`])
      : this.#connection.all<PostingsRow>(selectWord, [block, word]);
    this.#work += 1 + rows.length;
    return rows;
  }
}

const selectWord = "SELECT block, word, field, postings FROM words WHERE block = ? AND word = ?";
const selectBeginning = "SELECT block, word, field, postings FROM words WHERE block = ? AND word >= ? AND word < ?";

/** Where the phrase stands whose words have these rows, in their order. */
function phraseIn(rows: readonly (readonly PostingsRow[])[]): BitSet {
  let places: BitSet | null = null;
  for (const ofWord of rows) {
    const having = emptySet();
    for (const row of ofWord) addPlaces(having, row);
    places = places === null ? having : inBoth(places, having);
    if (isEmpty(places)) return places;
  }
  const readers = rows.map((ofWord) => ofWord.map((row) => new SpotsReader(row)));
  const found = emptySet();
  for (const place of placesIn(places ?? found)) if (standsAt(place, readers)) addTo(found, place);
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

function addPlaces(set: BitSet, row: PostingsRow): void {
  // Whichever incident of the block is folded anew: its block of the index is looked at whole then.
  if (!readPlaces(row, set)) throw new DamagedRow(Math.max(1, row.block * block_numbers));
}

function at(sets: readonly BitSet[], index: number): BitSet {
  return sets[index] ?? emptySet();
}

function fields(): BitSet[] {
  return Array.from({ length: field_count }, emptySet);
}
