import { crc32 } from "node:zlib";
import { type BitSet, block_numbers, placesIn, sizeOf } from "./bit-set.ts";
import { bytesOf, type CodedSpots, noSpots, SpotsReader, spotsFrom } from "./coded-spots.ts";
import { encodePlaces, type PlacesRow, type PostingsKey } from "./places.ts";

/**
 * A whole row of the index as it is stored: which incidents have the word, and where. What is said of many incidents does not
 * stand in the row itself: `spots` says then by what its parts are found, and what marks are in them.
 */
export interface PostingsRow extends PlacesRow {
  readonly spots: Buffer;
}

/** What a row with many incidents says of some of them: where the word stands in each. */
export interface PartRow {
  readonly id: number;
  readonly spots: Buffer;
}

/** What a row says, ready to be written. Where it has parts, `spots` is empty: the row gets its number when it is written. */
export interface CodedPostings {
  readonly places: Buffer;
  readonly spots: Buffer;
  readonly parts: readonly CodedPart[];
}

/** A part, ready to be written. */
export interface CodedPart {
  /** The how-manieth of all that the row can have. */
  readonly part: number;
  readonly spots: Buffer;
  /** The marks of the words before, one for each occurrence. */
  readonly marks: Buffer;
}

/** From so many incidents on a row's spots are in parts. A smaller row fits into a quarter of a page, unless texts are long. */
export const least_places_of_parts = 128;
/** How many incidents' numbers a part spans. */
const part_numbers = 1024;
/** How many parts a row can have. */
export const most_parts = block_numbers / part_numbers;
/** How many rows of a block can have parts. */
export const most_numbered = 2 ** 20;

const everyPart = Array.from({ length: most_parts }, (_, part) => part);
const checksum_bytes = 4;
const nothing = Buffer.alloc(0);

/** Whether rows of a field say where the words stand. */
export function hasSpots(field: number): boolean {
  return field < 3;
}

/** Whether a row with these incidents has its spots in parts. */
export function isParted(field: number, places: BitSet): boolean {
  return hasSpots(field) && sizeOf(places) >= least_places_of_parts;
}

/** The places of a set that are in a part, ascending. */
export function placesInPart(set: BitSet, part: number): number[] {
  return placesIn(set, part * part_numbers, (part + 1) * part_numbers);
}

/** The parts of a row with these places, ascending. */
export function partsOf(set: BitSet): number[] {
  return partsOfBoth(set, set);
}

/** The parts in which two sets have something in common, ascending. */
export function partsOfBoth(a: BitSet, b: BitSet): number[] {
  return everyPart.filter((part) => {
    const [first, end] = wordsOfPart(part);
    for (let word = first; word < end; word += 1) if (((a[word] ?? 0) & (b[word] ?? 0)) !== 0) return true;
    return false;
  });
}

/** The words of a set that hold a part: the first, and the first of the next part. */
export function wordsOfPart(part: number): readonly [number, number] {
  return [(part * part_numbers) / 32, ((part + 1) * part_numbers) / 32];
}

/** The part that an incident is in. */
export function partOf(place: number): number {
  return Math.floor(place / part_numbers);
}

/** The id of a part; `number`: of its row among those of the block that have parts. */
export function partId(block: number, number: number, part: number): number {
  return (block * most_numbered + number) * most_parts + part;
}

/** The part that has an id, and the number of its row. */
export function partOfId(id: number): { readonly part: number; readonly number: number } {
  return { part: id % most_parts, number: Math.floor(id / most_parts) % most_numbered };
}

/** The ids of all parts of a block: the first, and the first of the next one. */
export function partIdsOf(block: number): readonly [number, number] {
  return [partId(block, 0, 0), partId(block + 1, 0, 0)];
}

/** The spots in a row without parts, which has these places; null: they are not as they were written. */
export function spotsIn({ field, places, spots }: PostingsRow, set: BitSet): CodedSpots | null {
  if (!Buffer.isBuffer(spots)) return null;
  if (!hasSpots(field)) return spots.length === 0 ? noSpots : null;
  if (spots.length < checksum_bytes) return null;
  const coded = spots.subarray(checksum_bytes);
  // Going on from the places' own checksum, so that both belong together.
  if (spots.readUInt32LE(0) !== crc32(coded, places.readUInt32LE(0))) return null;
  return spotsFrom(coded, sizeOf(set));
}

/** The spots in a part of a row that has these places; null: they are not as they were written. */
export function spotsInPart(key: PostingsKey, part: number, spots: Buffer, places: BitSet): CodedSpots | null {
  if (!Buffer.isBuffer(spots) || spots.length < checksum_bytes) return null;
  const coded = spots.subarray(checksum_bytes);
  if (spots.readUInt32LE(0) !== partChecksum(key, part, places, coded)) return null;
  return spotsFrom(coded, sizeOf(bitsOfPart(places, part)));
}

/** A row with these places and their spots, in the order of the places. */
export function encodePostings(key: PostingsKey, places: BitSet, spots: CodedSpots): CodedPostings {
  const written = encodePlaces(key, places);
  if (!hasSpots(key.field)) return { places: written, spots: nothing, parts: [] };
  if (isParted(key.field, places)) {
    return { places: written, spots: nothing, parts: splitIntoParts(key, places, spots) };
  }
  const coded = bytesOf(spots);
  return { places: written, spots: withChecksum(coded, crc32(coded, written.readUInt32LE(0))), parts: [] };
}

/** A part of a row with these places, and the spots of those that are in the part. */
export function encodePart(key: PostingsKey, part: number, places: BitSet, spots: CodedSpots): CodedPart {
  const coded = bytesOf(spots);
  return { part, spots: withChecksum(coded, partChecksum(key, part, places, coded)), marks: spots.marks };
}

function splitIntoParts(key: PostingsKey, places: BitSet, spots: CodedSpots): CodedPart[] {
  const reader = new SpotsReader(spots);
  return partsOf(places).map((part) => {
    const from = reader.copy();
    for (const _ of placesInPart(places, part)) reader.skip();
    return encodePart(key, part, places, reader.since(from));
  });
}

function bitsOfPart(set: BitSet, part: number): BitSet {
  return set.subarray(...wordsOfPart(part));
}

function withChecksum(coded: Buffer, checksum: number): Buffer {
  const before = Buffer.alloc(checksum_bytes);
  before.writeUInt32LE(checksum, 0);
  return Buffer.concat([before, coded]);
}

/**
 * CRC-32 over the part's place in the index, which incidents it has, and where the word stands in them. Their places are taken
 * as they are in memory: on a machine with another byte order the block is made anew.
 */
function partChecksum({ block, word, field }: PostingsKey, part: number, places: BitSet, coded: Buffer): number {
  const { buffer, byteOffset, byteLength } = bitsOfPart(places, part);
  const which = new Uint8Array(buffer, byteOffset, byteLength);
  return crc32(coded, crc32(which, crc32(`${block} ${field} ${part} ${word}`)));
}
