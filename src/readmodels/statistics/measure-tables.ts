import { crc32 } from "node:zlib";

/**
 * What the statistics read: blocks of 70 incidents each (`MeasureBlock`), derived from the states, and the numbers that
 * stand in them for the names of teams and handlers. A name's number is given once, in the order in which names appear.
 */
export const createMeasureTables = `
  CREATE TABLE measures (
    block INTEGER PRIMARY KEY,
    incidents BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE measure_names (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    checksum INTEGER NOT NULL
  ) STRICT;
`;

/** A row of `measures`. */
export interface StoredBlock {
  readonly block: number;
  readonly incidents: Uint8Array;
  readonly checksum: number;
}

/** A row of `measure_names`. */
export interface StoredName {
  readonly id: number;
  readonly name: string;
  /** `nameChecksum` of both. */
  readonly checksum: number;
}

/** CRC-32 over a name and its number. */
export function nameChecksum(id: number, name: string): number {
  return crc32(name, id);
}
