import { crc32 } from "node:zlib";
import { addTo, type BitSet, block_numbers, emptySet, placesIn } from "./bit-set.ts";

/** Where a row of the index stands. */
export interface PostingsKey {
  readonly block: number;
  readonly word: string;
  readonly field: number;
}

/** Which incidents of the block have the word in the field, as it is stored. Small, so that it is read by itself. */
export interface PlacesRow extends PostingsKey {
  readonly places: Buffer;
}

/** A whole row as it is stored: also where in the field the word stands; empty where that is not kept. */
export interface PostingsRow extends PlacesRow {
  readonly spots: Buffer;
}

/** What a row says. */
export interface Postings {
  /** Places in the block, ascending. */
  readonly places: readonly number[];
  /** For each of them how often and where the word stands, coded; empty where that is not kept. */
  readonly spots: Buffer;
}

/** The two halves of a row, ready to be written. */
export type CodedPostings = Pick<PostingsRow, "places" | "spots">;

/** What becomes of one incident in a row. Spots are ascending. */
export interface PostingsChange {
  readonly kind: "put" | "append" | "remove";
  readonly spots: readonly number[];
}

const checksum_bytes = 4;
const header_bytes = checksum_bytes + 2;
const set_bytes = block_numbers / 8;
/** From so many incidents on a set of bits is smaller than a list of places. */
const least_places_of_set = set_bytes / 2;
/** Words further back in a text are found, but not as parts of phrases. */
const last_spot = 65_535;

/** Adds the incidents of a row to a set; false: the row is not as it was written. */
export function readPlaces(row: PlacesRow, set: BitSet): boolean {
  const count = checkedCount(row);
  if (count === null) return false;
  const { places } = row;
  if (count < least_places_of_set) {
    for (let index = 0; index < count; index += 1) addTo(set, places.readUInt16LE(header_bytes + 2 * index));
  } else {
    for (let word = 0; word < set.length; word += 1) {
      set[word] = (set[word] ?? 0) | places.readUInt32LE(header_bytes + 4 * word);
    }
  }
  return true;
}

/** A whole row; null: it is not as it was written. */
export function readPostings(row: PostingsRow): Postings | null {
  const set = emptySet();
  if (!readPlaces(row, set)) return null;
  const spots = checkedSpots(row);
  return spots === null ? null : { places: placesIn(set), spots };
}

/** Reads where the word of a row stands, incident by incident. */
export class SpotsReader {
  readonly #places: readonly number[];
  readonly #numbers: NumberReader;
  #next = 0;

  constructor({ places, spots }: Postings) {
    this.#places = places;
    this.#numbers = new NumberReader(spots);
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

/** The row after some changes; null: nothing is left of it. What is between the changed incidents is copied as it is. */
export function changePostings(
  key: PostingsKey,
  before: Postings | null,
  changes: ReadonlyMap<number, PostingsChange>,
): CodedPostings | null {
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
export function encodePostings(key: PostingsKey, places: readonly number[], spots: readonly Buffer[]): CodedPostings {
  const isSet = places.length >= least_places_of_set;
  const coded = Buffer.alloc(header_bytes + (isSet ? set_bytes : 2 * places.length));
  coded.writeUInt16LE(places.length, checksum_bytes);
  for (const [index, place] of places.entries()) {
    const byte = header_bytes + (place >>> 3);
    if (isSet) coded[byte] = (coded[byte] ?? 0) | (1 << (place & 7));
    else coded.writeUInt16LE(place, header_bytes + 2 * index);
  }
  const checksum = placesChecksum(key, coded);
  coded.writeUInt32LE(checksum, 0);
  if (!hasSpots(key.field)) return { places: coded, spots: nothing };
  const spelled = Buffer.concat([Buffer.alloc(checksum_bytes), ...spots]);
  spelled.writeUInt32LE(spotsChecksum(checksum, spelled), 0);
  return { places: coded, spots: spelled };
}

/** The number of incidents in a row whose places are as they were written. */
function checkedCount(row: PlacesRow): number | null {
  const { places } = row;
  if (!Buffer.isBuffer(places) || places.length < header_bytes) return null;
  return places.readUInt32LE(0) === placesChecksum(row, places) ? places.readUInt16LE(checksum_bytes) : null;
}

/** The coded spots of a row whose places were checked; null: they are not as they were written with these places. */
function checkedSpots({ field, places, spots }: PostingsRow): Buffer | null {
  if (!Buffer.isBuffer(spots)) return null;
  if (!hasSpots(field)) return spots.length === 0 ? spots : null;
  if (spots.length < checksum_bytes) return null;
  const isWhole = spots.readUInt32LE(0) === spotsChecksum(places.readUInt32LE(0), spots);
  return isWhole ? spots.subarray(checksum_bytes) : null;
}

/** CRC-32 over the row's place in the index and which incidents it has. */
function placesChecksum({ block, word, field }: PostingsKey, coded: Buffer): number {
  return crc32(coded.subarray(checksum_bytes), crc32(`${block} ${field} ${word}`));
}

/** CRC-32 over the spots, going on from the places' own, so that both belong together. */
function spotsChecksum(places_checksum: number, coded: Buffer): number {
  return crc32(coded.subarray(checksum_bytes), places_checksum);
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

class NumberReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
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
