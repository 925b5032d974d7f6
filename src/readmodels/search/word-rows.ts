import { DamagedRow } from "../damaged-row.ts";
import type { ListConnection } from "../list-connection.ts";
import { type BitSet, block_numbers, emptySet, unionOf } from "./bit-set.ts";
import { at, emptyFields, type FieldSets, type FieldSpan, nothing, nowhere } from "./field-sets.ts";
import { addOccurrences, type WantedOccurrences } from "./occurrences.ts";
import { isMarkIn, partedRow } from "./parted-row.ts";
import { type PlacesRow, placesSet, readPlaces } from "./places.ts";
import { isParted, type PostingsRow, partId, partsOfBoth, spotsIn, spotsInPart, wordsOfPart } from "./postings.ts";
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

/** Rows as they are read: without what is known of them already. */
type StoredRow = readonly [field: number, places: Buffer, spots?: Buffer, word?: string];
type StoredPart = readonly [id: number, spots: Buffer];

const thisWord = "FROM words WHERE block = ? AND word = ? AND field BETWEEN ? AND ?";
const longerWords = "FROM words WHERE block = ? AND word > ? AND word < ? AND field BETWEEN ? AND ?";
const selectWord = { places: `SELECT field, places ${thisWord}`, rows: `SELECT field, places, spots ${thisWord}` };
const selectLonger = {
  places: `SELECT field, places, x'', word ${longerWords}`,
  rows: `SELECT field, places, spots, word ${longerWords}`,
};
const selectParts = "SELECT id, spots FROM word_parts WHERE id BETWEEN ? AND ?";
const no_spots = Buffer.alloc(0);
const whole_set = [0, block_numbers / 32] as const;

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
    return placesOf(this.#read(block, lookup, fields, false));
  }

  /** The rows of a word in a block. */
  rows(block: number, lookup: WordLookup, fields: FieldSpan): ReadRow[] {
    const rows = this.#read(block, lookup, fields, true);
    return rows.map((row) => {
      const { word, field, places, spots } = row;
      return { block, word, field, places, spots, set: checked(row, placesSet(row)) };
    });
  }

  /** How much there is of a word, as far as it was seen yet. */
  weightOf({ word, is_longer }: WordLookup): number {
    return this.#weights.get(weightKey(word, is_longer)) ?? 0;
  }

  /** Adds the wanted occurrences of a row's word to those that are known. */
  addOccurrences(known: number[], row: ReadRow, wanted: WantedOccurrences): void {
    const { field, set } = row;
    if (isParted(field, set)) this.#addOfParts(known, row, wanted);
    else addOccurrences(known, checked(row, spotsIn(row, set)), set, whole_set, wanted);
  }

  #addOfParts(known: number[], row: ReadRow, wanted: WantedOccurrences): void {
    const { block, set } = row;
    const parted = checked(row, partedRow(row));
    const { among, mark } = wanted;
    const parts = partsOfBoth(set, among).filter((part) => mark === 0 || isMarkIn(parted, part, mark));
    const [first, last] = [parts[0], parts.at(-1)];
    if (first === undefined || last === undefined) return;
    const ids = [first, last].map((part) => partId(block, parted.number, part));
    const stored = this.#connection.lists<StoredPart>(selectParts, ids);
    this.#work += stored.length;
    for (const part of parts) {
      const id = partId(block, parted.number, part);
      const spots = checked(row, stored.find(([each]) => each === id)?.[1] ?? null);
      addOccurrences(known, checked(row, spotsInPart(row, part, spots, set)), set, wordsOfPart(part), wanted);
    }
  }

  #read(block: number, { word, is_longer }: WordLookup, { from, to }: FieldSpan, withSpots: boolean): PostingsRow[] {
    const sql = is_longer ? selectLonger : selectWord;
    const values = is_longer ? [block, word, `${word}\u{10ffff}`, from, to] : [block, word, from, to];
    const stored = this.#connection.lists<StoredRow>(withSpots ? sql.rows : sql.places, values);
    this.#work += 1 + stored.length;
    let bytes = 0;
    const rows = stored.map(([field, places, spots = no_spots, longer = word]) => {
      bytes += places.length;
      return { block, word: longer, field, places, spots };
    });
    this.#weights.set(weightKey(word, is_longer), bytes);
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

function weightKey(word: string, is_longer: boolean): string {
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
