import { crc32 } from "node:zlib";
import { addTo, type BitSet, block_numbers, emptySet, placesIn } from "./bit-set.ts";

/** Where a row of the index stands. */
export interface PostingsKey {
  readonly block: number;
  readonly word: string;
  readonly field: number;
}

/** A row as it is stored. */
export interface PostingsRow extends PostingsKey {
  readonly postings: Buffer;
}

/** What a row says: which incidents of the block have the word in the field, and where in it. */
export interface Postings {
  /** Places in the block, ascending. */
  readonly places: readonly number[];
  /** For each of them how often and where the word stands, coded; empty where that is not kept. */
  readonly spots: Buffer;
}

/** What becomes of one incident in a row. Spots are ascending. */
export interface PostingsChange {
  readonly kind: "put" | "append" | "remove";
  readonly spots: readonly number[];
}

const header_bytes = 6;
const set_bytes = block_numbers / 8;
/** From so many incidents on a set of bits is smaller than a list of places. */
const least_places_of_set = set_bytes / 2;
/** Words further back in a text are found, but not as parts of phrases. */
const last_spot = 65_535;

/** Adds the incidents of a row to a set; false: the row is not as it was written. */
export function readPlaces(row: PostingsRow, set: BitSet): boolean {
  const count = checkedCount(row);
  if (count === null) return false;
  const { postings } = row;
  if (count < least_places_of_set) {
    for (let index = 0; index < count; index += 1) addTo(set, postings.readUInt16LE(header_bytes + 2 * index));
  } else {
    for (let word = 0; word < set.length; word += 1) {
      set[word] = (set[word] ?? 0) | postings.readUInt32LE(header_bytes + 4 * word);
    }
  }
  return true;
}

/** Reads where the word of a row stands, incident by incident. For a row that has been checked. */
export class SpotsReader {
  readonly #places: readonly number[];
  readonly #numbers: NumberReader;
  #next = 0;

  constructor(row: PostingsRow) {
    const places = emptySet();
    readPlaces(row, places);
    this.#places = placesIn(places);
    this.#numbers = new NumberReader(row.postings, startOfSpots(this.#places.length));
  }

  /** The spots in one incident, ascending. To be asked in the order of the places. */
  at(place: number): number[] {
    const places = this.#places;
    for (; (places[this.#next] ?? place) < place; this.#next += 1) this.#numbers.skip(this.#numbers.next());
    if (places[this.#next] !== place) return [];
    this.#next += 1;
    return this.#numbers.spots(this.#numbers.next());
  }
}

/** A whole row; null: it is not as it was written. */
export function readPostings(row: PostingsRow): Postings | null {
  const set = emptySet();
  if (!readPlaces(row, set)) return null;
  const places = placesIn(set);
  return { places, spots: row.postings.subarray(startOfSpots(places.length)) };
}

/** The row after some changes; null: nothing is left of it. What is between the changed incidents is copied as it is. */
export function changePostings(
  key: PostingsKey,
  before: Postings | null,
  changes: ReadonlyMap<number, PostingsChange>,
): Buffer | null {
  const { places: old, spots } = before ?? { places: [], spots: nothing };
  const keepsSpots = hasSpots(key.field);
  const reader = new NumberReader(spots);
  const places: number[] = [];
  const parts: Buffer[] = [];
  let next = 0;
  let copied = 0;
  for (const [place, { kind, spots: now }] of [...changes].sort(([a], [b]) => a - b)) {
    const isLast = place > (old.at(-1) ?? -1);
    for (; next < old.length && (old[next] ?? 0) < place; next += 1) {
      places.push(old[next] ?? 0);
      if (keepsSpots && !isLast) reader.skip(reader.next());
    }
    // New incidents come last: nothing need be read to go there.
    if (isLast) reader.at = spots.length;
    parts.push(spots.subarray(copied, reader.at));
    let had: readonly number[] = [];
    if (old[next] === place) {
      next += 1;
      if (keepsSpots) had = reader.spots(reader.next());
    }
    copied = reader.at;
    if (kind === "remove") continue;
    places.push(place);
    if (keepsSpots) parts.push(encodeSpots(kind === "append" ? [...had, ...now] : now));
  }
  for (; next < old.length; next += 1) places.push(old[next] ?? 0);
  parts.push(spots.subarray(copied));
  return places.length === 0 ? null : encodePostings(key, places, parts);
}

/** Whether rows of a field say where the words stand. */
export function hasSpots(field: number): boolean {
  return field < 3;
}

const nothing = Buffer.alloc(0);

/** A row with these places, ascending, and the coded spots of each, in the same order. */
export function encodePostings(key: PostingsKey, places: readonly number[], spots: readonly Buffer[]): Buffer {
  const isSet = places.length >= least_places_of_set;
  const head = Buffer.alloc(startOfSpots(places.length));
  head.writeUInt16LE(places.length, 4);
  for (const [index, place] of places.entries()) {
    const byte = header_bytes + (place >>> 3);
    if (isSet) head[byte] = (head[byte] ?? 0) | (1 << (place & 7));
    else head.writeUInt16LE(place, header_bytes + 2 * index);
  }
  const coded = spots.length === 0 ? head : Buffer.concat([head, ...spots]);
  coded.writeUInt32LE(checksumOf(key, coded), 0);
  return coded;
}

/** The number of incidents in a row that is as it was written. */
function checkedCount(row: PostingsRow): number | null {
  const { postings } = row;
  if (!Buffer.isBuffer(postings) || postings.length < header_bytes) return null;
  return postings.readUInt32LE(0) === checksumOf(row, postings) ? postings.readUInt16LE(4) : null;
}

/** CRC-32 over the row's place in the index and what it says. */
function checksumOf({ block, word, field }: PostingsKey, coded: Buffer): number {
  return crc32(coded.subarray(4), crc32(`${block} ${field} ${word}`));
}

/** Codes spots: how many, then the distance of each from the one before, in seven bits a byte (LEB128). */
export function pushSpots(bytes: number[], spots: readonly number[]): void {
  const last = spots.at(-1) ?? 0;
  const near = last < last_spot ? spots : spots.filter((spot) => spot < last_spot);
  pushNumber(bytes, near.length);
  let before = 0;
  for (const spot of near) {
    pushNumber(bytes, spot - before);
    before = spot;
  }
}

function encodeSpots(spots: readonly number[]): Buffer {
  const bytes: number[] = [];
  pushSpots(bytes, spots);
  return Buffer.from(bytes);
}

function startOfSpots(places: number): number {
  return header_bytes + (places >= least_places_of_set ? set_bytes : 2 * places);
}

class NumberReader {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.at = start;
  }

  next(): number {
    const bytes = this.#bytes;
    let at = this.at;
    let byte = bytes[at] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      at += 1;
      byte = bytes[at] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    this.at = at + 1;
    return value;
  }

  skip(numbers: number): void {
    const bytes = this.#bytes;
    let at = this.at;
    for (let left = numbers; left > 0; at += 1) if ((bytes[at] ?? 0) < 0x80) left -= 1;
    this.at = at;
  }

  spots(count: number): number[] {
    const spots: number[] = [];
    let spot = 0;
    for (let left = count; left > 0; left -= 1) {
      spot += this.next();
      spots.push(spot);
    }
    return spots;
  }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}
