import { crc32 } from "node:zlib";
import type { CodedSpots } from "./coded-spots.ts";
import type { PostingsKey } from "./places.ts";
import { most_parts, type PostingsRow } from "./postings.ts";

/** What the row of a word with parts has as its spots: by what number they are found, and after which words it stands. */
export interface PartedRow {
  /** The row's number among those of the block that have parts. */
  readonly number: number;
  /** For each part a set of 256 bits: which marks of the words before are in it. */
  readonly marks: Buffer;
}

const checksum_bytes = 4;
const number_bytes = 4;
const marks_of_part = 256 / 8;
const marks_bytes = most_parts * marks_of_part;
const row_bytes = checksum_bytes + number_bytes + marks_bytes;

/** No marks in any part. */
export function noMarks(): Buffer {
  return Buffer.alloc(marks_bytes);
}

/** Writes which marks are in a part, instead of those that were. */
export function setMarks(all: Buffer, part: number, { marks }: Pick<CodedSpots, "marks">): void {
  const first = part * marks_of_part;
  all.fill(0, first, first + marks_of_part);
  for (const mark of marks) {
    const byte = first + (mark >>> 3);
    all[byte] = (all[byte] ?? 0) | (1 << (mark & 7));
  }
}

/** Whether a mark is in a part. */
export function isMarkIn({ marks }: PartedRow, part: number, mark: number): boolean {
  return ((marks[part * marks_of_part + (mark >>> 3)] ?? 0) & (1 << (mark & 7))) !== 0;
}

/** What a row with parts says of them; null: it is not as it was written. */
export function partedRow(row: PostingsRow): PartedRow | null {
  const { spots } = row;
  if (!Buffer.isBuffer(spots) || spots.length !== row_bytes) return null;
  if (spots.readUInt32LE(0) !== checksum(row, spots)) return null;
  return { number: spots.readUInt32LE(checksum_bytes), marks: spots.subarray(checksum_bytes + number_bytes) };
}

/** What a row with parts says of them, as it is stored. */
export function encodeParted(key: PostingsKey, { number, marks }: PartedRow): Buffer {
  const coded = Buffer.alloc(row_bytes);
  coded.writeUInt32LE(number, checksum_bytes);
  marks.copy(coded, checksum_bytes + number_bytes);
  coded.writeUInt32LE(checksum(key, coded), 0);
  return coded;
}

/** CRC-32 over the row's place in the index and what it says of its parts. */
function checksum({ block, word, field }: PostingsKey, coded: Buffer): number {
  return crc32(coded.subarray(checksum_bytes), crc32(`${block} ${field} ${word}`));
}
