import { DamagedRow } from "../damaged-row.ts";
import type { ListConnection } from "../list-connection.ts";
import { addAll, type BitSet, block_numbers, emptySet, inBoth, isEmpty, isIn, without } from "./bit-set.ts";
import { hasSpots, type PostingsRow, readPlaces, readSpots } from "./postings.ts";
import type { Search, SearchUnit } from "./search-query.ts";
import { beginningOf, field_count } from "./searched-words.ts";

/** What is found ranks by where, then by how: everything in the title; title and description; comments too. Whole words first. */
export const rank_count = 2 * field_count;

/** Which incidents of a block have a unit, by field. */
interface Having {
  readonly whole: readonly BitSet[];
  /** Also those that have it as the beginning of a word. */
  readonly any: readonly BitSet[];
}

/** Finds what matches a search, block by block. What was found is kept as long as the search goes on. */
export class FoundBlocks {
  readonly #connection: ListConnection;
  readonly #search: Search;
  readonly #known = new Map<number, readonly BitSet[] | null>();
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

  /** What matches in a block, one set for each rank; they have nothing in common. Null: nothing matches. */
  ranks(block: number): readonly BitSet[] | null {
    let ranks = this.#known.get(block);
    if (ranks === undefined) {
      ranks = this.#find(block);
      this.#known.set(block, ranks);
    }
    return ranks;
  }

  /** Whatever matches in a block. */
  all(block: number): BitSet {
    const all = emptySet();
    for (const rank of this.ranks(block) ?? []) addAll(all, rank);
    return all;
  }

  #find(block: number): readonly BitSet[] | null {
    let best: BitSet[] = [];
    for (const [index, unit] of this.#search.wanted.entries()) {
      const ranks = cumulated(this.#having(block, unit));
      best = index === 0 ? ranks : best.map((set, rank) => inBoth(set, ranks[rank] ?? emptySet()));
      if (isEmpty(best.at(-1) ?? emptySet())) return null;
    }
    const out = emptySet();
    for (const unit of this.#search.unwanted) for (const set of this.#having(block, unit).any) addAll(out, set);
    const seen = emptySet();
    return best.map((set) => {
      const fresh = without(without(set, out), seen);
      addAll(seen, set);
      return fresh;
    });
  }

  #having(block: number, unit: SearchUnit): Having {
    const [first, ...others] = unit.words;
    if (first === undefined) return { whole: fields(), any: fields() };
    return others.length === 0 ? this.#word(block, first, unit.is_open) : this.#phrase(block, unit);
  }

  #word(block: number, word: string, is_open: boolean): Having {
    const whole = fields();
    const any = fields();
    for (const row of this.#rows(block, word, is_open)) {
      const places = placesOf(row);
      // A row of what words begin with, or of a longer word.
      const isWhole = row.word === word && hasSpots(row.field);
      if (!isWhole && !is_open) continue;
      const field = row.field % field_count;
      for (const sets of isWhole ? [whole, any] : [any]) addAll(sets[field] ?? emptySet(), places);
    }
    return { whole, any };
  }

  #phrase(block: number, { words, is_open }: SearchUnit): Having {
    const rows = words.map((word, index) =>
      this.#rows(block, word, is_open && index === words.length - 1, false).filter(({ field }) => hasSpots(field)),
    );
    const [whole, any] = [fields(), fields()];
    for (let field = 0; field < field_count; field += 1) {
      const ofField = rows.map((each) => each.filter((row) => row.field === field));
      for (const place of phraseIn(ofField)) add(any, field, place);
      const last = words.at(-1);
      const ofWhole = ofField.map((each, index) =>
        index === words.length - 1 ? each.filter((row) => row.word === last) : each,
      );
      const isSame = ofWhole.every((each, index) => each.length === ofField[index]?.length);
      if (isSame) addAll(whole[field] ?? emptySet(), any[field] ?? emptySet());
      else for (const place of phraseIn(ofWhole)) add(whole, field, place);
    }
    return { whole, any };
  }

  #rows(block: number, word: string, is_open: boolean, by_letter = true): PostingsRow[] {
    const exact = !is_open || (by_letter && beginningOf(word) === word);
    const rows = exact
      ? this.#connection.all<PostingsRow>("SELECT * FROM words WHERE block = ? AND word = ?", [block, word])
      : this.#connection.all<PostingsRow>("SELECT * FROM words WHERE block = ? AND word >= ? AND word < ?", [
          block,
          word,
          `${word}\u{10ffff}`,
        ]);
    this.#work += 1 + rows.length;
    return rows;
  }
}

/** Where the phrase stands whose words have these rows, in their order. */
function phraseIn(rows: readonly (readonly PostingsRow[])[]): number[] {
  let candidates: BitSet | null = null;
  for (const ofWord of rows) {
    const having = emptySet();
    for (const row of ofWord) addAll(having, placesOf(row));
    candidates = candidates === null ? having : inBoth(candidates, having);
    if (isEmpty(candidates)) return [];
  }
  const places = candidates ?? emptySet();
  let ends: Map<number, Set<number>> | null = null;
  for (const ofWord of rows) {
    const next = new Map<number, Set<number>>();
    for (const row of ofWord) {
      for (const [place, spots] of readSpots(row, (each) => isIn(places, each))) {
        const before = ends?.get(place);
        const fitting = ends === null ? spots : spots.filter((spot) => before?.has(spot - 1));
        if (fitting.length > 0) next.set(place, new Set([...(next.get(place) ?? []), ...fitting]));
      }
    }
    ends = next;
  }
  return [...(ends?.keys() ?? [])];
}

function placesOf(row: PostingsRow): BitSet {
  const places = readPlaces(row);
  // Whichever incident of the block is folded anew: its block of the index is looked at whole then.
  if (places === null) throw new DamagedRow(Math.max(1, row.block * block_numbers));
  return places;
}

/** By rank, what has it in the fields up to the rank's own. */
function cumulated({ whole, any }: Having): BitSet[] {
  const [so_far_whole, so_far_any] = [emptySet(), emptySet()];
  return whole.flatMap((set, field) => {
    addAll(so_far_whole, set);
    addAll(so_far_any, any[field] ?? emptySet());
    return [so_far_whole.slice(), so_far_any.slice()];
  });
}

function fields(): BitSet[] {
  return Array.from({ length: field_count }, emptySet);
}

function add(sets: readonly BitSet[], field: number, place: number): void {
  const set = sets[field];
  if (set !== undefined) set[place >>> 5] = (set[place >>> 5] ?? 0) | (1 << (place & 31));
}
