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
  /** For each of them how often and where the word stands, coded; null where that is not kept. */
  readonly spots: readonly Buffer[] | null;
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

/** The incidents in a row, which are enough where no phrase is looked for; null: the row is not as it was written. */
export function readPlaces(row: PostingsRow): BitSet | null {
  const count = checkedCount(row);
  if (count === null) return null;
  const { postings } = row;
  const set = emptySet();
  if (count >= least_places_of_set) {
    for (let word = 0; word < set.length; word += 1) set[word] = postings.readUInt32LE(header_bytes + 4 * word);
  } else {
    for (let index = 0; index < count; index += 1) addTo(set, postings.readUInt16LE(header_bytes + 2 * index));
  }
  return set;
}

/** The spots of the wanted incidents of a row, by their places. */
export function readSpots(row: PostingsRow, wanted: (place: number) => boolean): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const { places, spots } = readPostings(row) ?? { places: [], spots: null };
  for (const [index, place] of places.entries()) {
    const coded = spots?.[index];
    if (coded !== undefined && wanted(place)) found.set(place, decodeSpots(coded));
  }
  return found;
}

/** A whole row; null: it is not as it was written. */
export function readPostings(row: PostingsRow): Postings | null {
  const set = readPlaces(row);
  if (set === null) return null;
  const places = placesIn(set);
  if (!hasSpots(row.field)) return { places, spots: null };
  const { postings } = row;
  let at = header_bytes + (places.length >= least_places_of_set ? set_bytes : 2 * places.length);
  const spots: Buffer[] = [];
  for (let index = 0; index < places.length; index += 1) {
    const end = endOfSpots(postings, at);
    spots.push(postings.subarray(at, end));
    at = end;
  }
  return { places, spots };
}

/** The row after some changes; null: nothing is left of it. */
export function changePostings(
  key: PostingsKey,
  before: Postings | null,
  changes: ReadonlyMap<number, PostingsChange>,
): Buffer | null {
  const all = new Map<number, Buffer>();
  for (const [index, place] of (before?.places ?? []).entries()) all.set(place, before?.spots?.[index] ?? nothing);
  for (const [place, { kind, spots }] of changes) {
    const kept = kind === "append" ? all.get(place) : undefined;
    if (kind === "remove") all.delete(place);
    else if (!hasSpots(key.field)) all.set(place, nothing);
    else all.set(place, encodeSpots(kept === undefined ? spots : [...decodeSpots(kept), ...spots]));
  }
  return all.size === 0 ? null : encode(key, all);
}

/** Whether rows of a field say where the words stand. */
export function hasSpots(field: number): boolean {
  return field < 3;
}

const nothing = Buffer.alloc(0);

function encode(key: PostingsKey, all: ReadonlyMap<number, Buffer>): Buffer {
  const places = [...all.keys()].sort((a, b) => a - b);
  const isSet = places.length >= least_places_of_set;
  const head = Buffer.alloc(header_bytes + (isSet ? set_bytes : 2 * places.length));
  head.writeUInt16LE(places.length, 4);
  for (const [index, place] of places.entries()) {
    const byte = header_bytes + (place >>> 3);
    if (isSet) head[byte] = (head[byte] ?? 0) | (1 << (place & 7));
    else head.writeUInt16LE(place, header_bytes + 2 * index);
  }
  const coded = Buffer.concat([head, ...places.map((place) => all.get(place) ?? nothing)]);
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

/** How many spots, then the distance of each from the one before, in seven bits a byte (LEB128). */
function encodeSpots(spots: readonly number[]): Buffer {
  const near = spots.filter((spot) => spot < last_spot);
  const bytes: number[] = [];
  pushNumber(bytes, near.length);
  let last = 0;
  for (const spot of near) {
    pushNumber(bytes, spot - last);
    last = spot;
  }
  return Buffer.from(bytes);
}

function decodeSpots(coded: Buffer): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const byte of coded) {
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
    shift = 0;
  }
  let spot = 0;
  return numbers.slice(1).map((distance) => {
    spot += distance;
    return spot;
  });
}

function endOfSpots(postings: Buffer, start: number): number {
  let at = start;
  let left = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = postings[at] ?? 0;
    at += 1;
    left |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  for (; left > 0 && at < postings.length; at += 1) if ((postings[at] ?? 0) < 0x80) left -= 1;
  return at;
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}
