import type Database from "better-sqlite3";
import { type BitSet, emptySet, isEmpty, placesIn } from "./bit-set.ts";
import { changePlaces, changeSpots, type PostingsChange, type PostingsChanges } from "./changed-spots.ts";
import { type CodedSpots, joinSpots, noSpots } from "./coded-spots.ts";
import { encodeParted, noMarks, partedRow, setMarks } from "./parted-row.ts";
import { encodePlaces, type PostingsKey, placesSet } from "./places.ts";
import {
  type CodedPostings,
  encodePart,
  encodePostings,
  hasSpots,
  isParted,
  most_numbered,
  type PartRow,
  type PostingsRow,
  partId,
  partIdsOf,
  partOf,
  partOfId,
  partsOf,
  placesInPart,
  spotsIn,
  spotsInPart,
} from "./postings.ts";

/** A row as it is stored, and which incidents it has. */
interface KnownRow {
  readonly row: PostingsRow;
  readonly places: BitSet;
}

/** Writes rows of the index, with their parts. */
export class WordWriter {
  readonly #row: Database.Statement<[number, string, number], PostingsRow>;
  readonly #putRow: Database.Statement<[PostingsRow]>;
  readonly #deleteRow: Database.Statement<[number, string, number]>;
  readonly #part: Database.Statement<[number], PartRow>;
  readonly #lastPart: Database.Statement<[number, number], number | null>;
  readonly #putPart: Database.Statement<[PartRow]>;
  readonly #deletePart: Database.Statement<[number]>;

  constructor(connection: Database.Database) {
    this.#row = connection.prepare("SELECT * FROM words WHERE block = ? AND word = ? AND field = ?");
    this.#putRow = connection.prepare("INSERT OR REPLACE INTO words VALUES (:block, :word, :field, :places, :spots)");
    this.#deleteRow = connection.prepare("DELETE FROM words WHERE block = ? AND word = ? AND field = ?");
    this.#part = connection.prepare("SELECT * FROM word_parts WHERE id = ?");
    this.#lastPart = connection
      .prepare<[number, number], number | null>("SELECT max(id) FROM word_parts WHERE id >= ? AND id < ?")
      .pluck();
    this.#putPart = connection.prepare("INSERT OR REPLACE INTO word_parts VALUES (:id, :spots)");
    this.#deletePart = connection.prepare("DELETE FROM word_parts WHERE id = ?");
  }

  /** Writes a row that is not there yet. False: its block has no number left for it. */
  put(key: PostingsKey, { places, spots, parts }: CodedPostings): boolean {
    const { block, word, field } = key;
    if (parts.length === 0) {
      this.#putRow.run({ block, word, field, places, spots });
      return true;
    }
    const number = this.#nextNumber(block);
    if (number >= most_numbered) return false;
    const marks = noMarks();
    for (const coded of parts) {
      this.#putPart.run({ id: partId(block, number, coded.part), spots: coded.spots });
      setMarks(marks, coded.part, coded);
    }
    this.#putRow.run({ block, word, field, places, spots: encodeParted(key, { number, marks }) });
    return true;
  }

  /** Changes a row. False: it is damaged, or its block has no number left, and nothing was changed: the block must be made anew. */
  change(key: PostingsKey, changes: PostingsChanges): boolean {
    const row = this.#row.get(key.block, key.word, key.field);
    const before = row === undefined ? emptySet() : placesSet(row);
    if (before === null) return false;
    const after = changePlaces(before, changes);
    const known = row === undefined ? null : { row, places: before };
    if (known !== null && isParted(key.field, before) && isParted(key.field, after)) {
      return this.#changeParted(key, known, after, changes);
    }
    const coded = known === null ? noSpots : this.#spotsOf(key, known);
    if (coded === null) return false;
    return this.#replace(
      key,
      known,
      after,
      hasSpots(key.field) ? changeSpots(placesIn(before), coded, changes) : noSpots,
    );
  }

  /** Whether a row is as it was written, with its parts. */
  isWhole(key: PostingsKey): boolean {
    const row = this.#row.get(key.block, key.word, key.field);
    const places = row === undefined ? null : placesSet(row);
    return row !== undefined && places !== null && this.#spotsOf(key, { row, places }) !== null;
  }

  /** Takes a row's old parts away, and writes it as a whole. */
  #replace(key: PostingsKey, known: KnownRow | null, places: BitSet, coded: CodedSpots): boolean {
    if (known !== null && isParted(key.field, known.places)) {
      const parted = partedRow(known.row);
      if (parted === null) return false;
      for (const part of partsOf(known.places)) this.#deletePart.run(partId(key.block, parted.number, part));
    }
    if (isEmpty(places)) {
      this.#deleteRow.run(key.block, key.word, key.field);
      return true;
    }
    return this.put(key, encodePostings(key, places, coded));
  }

  /** Of a row that keeps its parts only those are read and written whose incidents change. */
  #changeParted(key: PostingsKey, { row, places }: KnownRow, after: BitSet, changes: PostingsChanges): boolean {
    const parted = partedRow(row);
    if (parted === null) return false;
    const { number } = parted;
    const marks = Buffer.from(parted.marks);
    const leftParts = partsOf(after);
    for (const [part, ofPart] of byPart(changes)) {
      const id = partId(key.block, number, part);
      const coded = this.#readPart(key, number, part, places);
      if (coded === null) return false;
      const changed = changeSpots(placesInPart(places, part), coded, ofPart);
      if (!leftParts.includes(part)) this.#deletePart.run(id);
      else this.#putPart.run({ id, spots: encodePart(key, part, after, changed).spots });
      setMarks(marks, part, changed);
    }
    const written = { places: encodePlaces(key, after), spots: encodeParted(key, { number, marks }) };
    const isSame = written.places.equals(row.places) && written.spots.equals(row.spots);
    if (!isSame) this.#putRow.run({ ...key, ...written });
    return true;
  }

  /** All spots of a row, coded; null: something is damaged or missing. */
  #spotsOf(key: PostingsKey, { row, places }: KnownRow): CodedSpots | null {
    if (!isParted(key.field, places)) return spotsIn(row, places);
    const parted = partedRow(row);
    if (parted === null) return null;
    const all: CodedSpots[] = [];
    for (const part of partsOf(places)) {
      const coded = this.#readPart(key, parted.number, part, places);
      if (coded === null) return null;
      all.push(coded);
    }
    return joinSpots(all);
  }

  #readPart(key: PostingsKey, number: number, part: number, places: BitSet): CodedSpots | null {
    const stored = this.#part.get(partId(key.block, number, part));
    if (stored !== undefined) return spotsInPart(key, part, stored.spots, places);
    return partsOf(places).includes(part) ? null : noSpots;
  }

  #nextNumber(block: number): number {
    const last = this.#lastPart.get(...partIdsOf(block)) ?? null;
    return last === null ? 0 : partOfId(last).number + 1;
  }
}

function byPart(changes: PostingsChanges): Map<number, Map<number, PostingsChange>> {
  const parts = new Map<number, Map<number, PostingsChange>>();
  for (const [place, change] of changes) {
    const ofPart = parts.get(partOf(place)) ?? new Map<number, PostingsChange>();
    parts.set(partOf(place), ofPart.set(place, change));
  }
  return parts;
}
