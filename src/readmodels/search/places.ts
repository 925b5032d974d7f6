import { crc32 } from "node:zlib";
import { addTo, type BitSet, block_numbers, emptySet, placesIn, sizeOf } from "./bit-set.ts";

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

const checksum_bytes = 4;
const header_bytes = checksum_bytes + 2;
const set_bytes = block_numbers / 8;
/** From so many incidents on a set of bits is smaller than a list of places. */
const least_places_of_set = set_bytes / 2;

/** Adds the incidents of a row to a set; false: the row is not as it was written. */
export function readPlaces(row: PlacesRow, set: BitSet): boolean {
  const { places } = row;
  if (!Buffer.isBuffer(places) || places.length < header_bytes) return false;
  if (places.readUInt32LE(0) !== placesChecksum(row, places)) return false;
  const count = places.readUInt16LE(checksum_bytes);
  if (count < least_places_of_set) {
    const end = Math.min(header_bytes + 2 * count, places.length);
    for (let at = header_bytes; at < end; at += 2) addTo(set, (places[at] ?? 0) | ((places[at + 1] ?? 0) << 8));
  } else {
    for (let word = 0, at = header_bytes; word < set.length; word += 1, at += 4) {
      const low = (places[at] ?? 0) | ((places[at + 1] ?? 0) << 8);
      const high = (places[at + 2] ?? 0) | ((places[at + 3] ?? 0) << 8);
      set[word] = (set[word] ?? 0) | low | (high << 16);
    }
  }
  return true;
}

/** The incidents of a row; null: the row is not as it was written. */
export function placesSet(row: PlacesRow): BitSet | null {
  const set = emptySet();
  return readPlaces(row, set) ? set : null;
}

/** These places as a row stores them. */
export function encodePlaces(key: PostingsKey, set: BitSet): Buffer {
  const count = sizeOf(set);
  const isSet = count >= least_places_of_set;
  const coded = Buffer.alloc(header_bytes + (isSet ? set_bytes : 2 * count));
  coded.writeUInt16LE(count, checksum_bytes);
  let at = header_bytes;
  if (isSet) for (const word of set) at = coded.writeUInt32LE(word, at);
  else for (const place of placesIn(set)) at = coded.writeUInt16LE(place, at);
  coded.writeUInt32LE(placesChecksum(key, coded), 0);
  return coded;
}

/** CRC-32 over the row's place in the index and which incidents it has. */
function placesChecksum({ block, word, field }: PostingsKey, coded: Buffer): number {
  return crc32(coded.subarray(checksum_bytes), crc32(`${block} ${field} ${word}`));
}
