import { DamagedRow } from "../damaged-row.ts";
import type { ListConnection } from "../list-connection.ts";
import { type BitSet, block_numbers, emptySet, inBoth, isIn, placesIn, unionOf } from "./bit-set.ts";
import { type CodedSpots, SpotsReader } from "./coded-spots.ts";
import { at, emptyFields, type FieldSets, type FieldSpan, nothing, nowhere } from "./field-sets.ts";
import { type PlacesRow, placesSet, readPlaces } from "./places.ts";
import {
  isParted,
  numberIn,
  type PartRow,
  type PostingsRow,
  partId,
  partsOf,
  placesInPart,
  spotsIn,
  spotsInPart,
} from "./postings.ts";
import { field_count } from "./searched-words.ts";

/** How a word is looked up. */
export interface WordLookup {
  readonly word: string;
  /** All longer words that it begins, instead of itself. */
  readonly is_longer: boolean;
}

/** A row whose places were read. */
export interface ReadRow extends PostingsRow {
  readonly set: BitSet;
}

/** By place, how many words stand before each occurrence of a word, ascending. */
export type Stands = Map<number, readonly number[]>;

/** Reads rows of the index. Throws `DamagedRow` for what is not as it was written. */
export class WordRows {
  readonly #connection: ListConnection;
  /** About how many bytes there are of a word in a block, by what the block before had. */
  readonly #weights = new Map<string, number>();
  #work = 0;

  constructor(connection: ListConnection) {
    this.#connection = connection;
  }

  /** How many rows were read since this was asked last, more or less. */
  takeWork(): number {
    const work = this.#work;
    this.#work = 0;
    return work;
  }

  /** Which incidents of a block have a word, by field; the fields as they stand in the index. */
  places(block: number, lookup: WordLookup, fields: FieldSpan): FieldSets {
    return placesOf(this.#read<PlacesRow>("places", block, lookup, fields));
  }

  /** The rows of a word in a block. */
  rows(block: number, lookup: WordLookup, fields: FieldSpan): ReadRow[] {
    const rows = this.#read<PostingsRow>("places, spots", block, lookup, fields);
    return rows.map((row) => {
      const { word, field, places, spots } = row;
      return { block, word, field, places, spots, set: checked(row, placesSet(row)) };
    });
  }

  /** How much there is of a word, as far as it was seen yet. */
  weightOf(lookup: WordLookup): number {
    return this.#weights.get(weightKey(lookup)) ?? 0;
  }

  /** Where in some incidents the word of a row stands right after one with this mark; 0: after any. */
  addStands(stands: Stands, row: ReadRow, among: BitSet, mark: number): void {
    const places = row.set;
    if (isParted(row.field, places)) this.#addOfParts(stands, row, places, among, mark);
    else addOf(stands, () => placesIn(places), checked(row, spotsIn(row, places)), among, mark);
  }

  #addOfParts(stands: Stands, row: PostingsRow, places: BitSet, among: BitSet, mark: number): void {
    const parts = partsOf(inBoth(places, among));
    if (parts.length === 0) return;
    const number = checked(row, numberIn(row));
    const ids = [Math.min(...parts), Math.max(...parts)].map((part) => partId(row.block, number, part));
    const stored = this.#connection.all<PartRow>("SELECT id, spots FROM word_parts WHERE id BETWEEN ? AND ?", ids);
    this.#work += stored.length;
    const byId = new Map(stored.map(({ id, spots }) => [id, spots]));
    for (const part of parts) {
      const spots = checked(row, byId.get(partId(row.block, number, part)) ?? null);
      addOf(stands, () => placesInPart(places, part), checked(row, spotsInPart(row, part, spots, places)), among, mark);
    }
  }

  #read<Row extends PlacesRow>(columns: string, block: number, lookup: WordLookup, { from, to }: FieldSpan): Row[] {
    const { word, is_longer } = lookup;
    const rows = is_longer
      ? this.#connection.all<Row>(longerWords(columns), [block, word, `${word}\u{10ffff}`, from, to])
      : this.#connection.all<Row>(thisWord(columns), [block, word, from, to]);
    this.#work += 1 + rows.length;
    const bytes = rows.reduce((sum, { places }) => sum + places.length, 0);
    this.#weights.set(weightKey(lookup), bytes);
    return rows;
  }
}

/** Which incidents are in some rows that were read, by field. The sets are the rows' own where there is one in the field. */
export function setsOf(rows: readonly ReadRow[]): FieldSets {
  if (rows.length === 0) return nowhere;
  const having: BitSet[] = [...nowhere];
  for (const { field, set } of rows) {
    const others = at(having, field);
    having[field] = others === nothing ? set : unionOf(others, set);
  }
  return having;
}

/** Which incidents are in some rows, by field. */
export function placesOf(rows: readonly PlacesRow[]): FieldSets {
  if (rows.length === 0) return nowhere;
  const having = emptyFields();
  for (const row of rows) {
    const set = having[row.field % field_count] ?? emptySet();
    if (!readPlaces(row, set)) throw damaged(row);
  }
  return having;
}

function addOf(stands: Stands, places: () => readonly number[], spots: CodedSpots, among: BitSet, mark: number): void {
  if (mark !== 0 && !spots.marks.includes(mark)) return;
  const reader = new SpotsReader(spots);
  for (const place of places()) {
    const found = isIn(among, place) ? reader.readAfter(mark) : reader.skip();
    if (found === null) continue;
    const others = stands.get(place);
    stands.set(place, others === undefined ? found : [...others, ...found].sort((a, b) => a - b));
  }
}

function thisWord(columns: string): string {
  return `SELECT block, word, field, ${columns} FROM words WHERE block = ? AND word = ? AND field BETWEEN ? AND ?`;
}

function longerWords(columns: string): string {
  return `SELECT block, word, field, ${columns} FROM words WHERE block = ? AND word > ? AND word < ? AND field BETWEEN ? AND ?`;
}

function weightKey({ word, is_longer }: WordLookup): string {
  return is_longer ? `${word}*` : word;
}

function checked<Value>(row: PlacesRow, value: Value | null): Value {
  if (value === null) throw damaged(row);
  return value;
}

/** Whichever incident of the block is folded anew: its block of the index is looked at whole then. */
function damaged({ block }: PlacesRow): DamagedRow {
  return new DamagedRow(Math.max(1, block * block_numbers));
}
