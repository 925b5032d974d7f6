import type { ListConnection } from "../list-connection.ts";
import { addAll, type BitSet, emptySet, inBoth, isEmpty, without } from "./bit-set.ts";
import { allFields, at, cumulated, type FieldSets, type FieldSpan, inEither, nothing, nowhere } from "./field-sets.ts";
import { Phrase } from "./phrase.ts";
import type { Search, SearchUnit } from "./search-query.ts";
import { field_count, lookedUpBeginning } from "./searched-words.ts";
import { WordRows } from "./word-rows.ts";

/** What is found ranks by where, then by how: everything in the title; title and description; comments too. Whole words first. */
export const rank_count = 2 * field_count;

/** Finds what matches a search, block by block. What was found is kept as long as the search goes on. */
export class FoundBlocks {
  readonly #rows: WordRows;
  readonly #search: Search;
  readonly #whole = new Map<number, FieldSets>();
  readonly #any = new Map<number, FieldSets>();
  readonly #unwanted = new Map<number, BitSet>();
  readonly #units = new Map<number, Map<SearchUnit, FieldSets>>();
  readonly #phrases = new Map<SearchUnit, Phrase>();

  constructor(connection: ListConnection, search: Search) {
    this.#rows = new WordRows(connection);
    // Long words are rare: where the rarest is missing, no other need be looked up.
    const wanted = [...search.wanted].sort((a, b) => b.words.join().length - a.words.join().length);
    this.#search = { ...search, wanted };
  }

  /** How many rows of the index were read since this was asked last, more or less. */
  takeWork(): number {
    return this.#rows.takeWork();
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
  #levels(block: number, is_open: boolean): FieldSets {
    const known = is_open ? this.#any : this.#whole;
    let levels = known.get(block);
    if (levels === undefined) {
      levels = this.#findLevels(block, is_open);
      known.set(block, levels);
    }
    return levels;
  }

  #findLevels(block: number, is_open: boolean): FieldSets {
    let levels: FieldSets = nowhere;
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
  #having(block: number, unit: SearchUnit, is_open: boolean): FieldSets {
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

  #find(block: number, unit: SearchUnit, is_longer: boolean): FieldSets {
    const [word, ...others] = unit.words;
    return word !== undefined && others.length === 0
      ? this.#findWord(block, word, is_longer)
      : this.#phraseOf(unit).find(block, is_longer);
  }

  #findWord(block: number, word: string, is_longer: boolean): FieldSets {
    const beginning = is_longer ? lookedUpBeginning(word) : null;
    return beginning === null
      ? this.#rows.places(block, { word, is_longer }, allFields)
      : this.#rows.places(block, beginning, beginningFields);
  }

  #phraseOf(unit: SearchUnit): Phrase {
    let phrase = this.#phrases.get(unit);
    if (phrase === undefined) {
      phrase = new Phrase(this.#rows, unit.words);
      this.#phrases.set(unit, phrase);
    }
    return phrase;
  }
}

/** Where the index has what words begin with. */
const beginningFields: FieldSpan = { from: field_count, to: 2 * field_count - 1 };
