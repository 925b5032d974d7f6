/** Words further back in a text are found, but not as parts of phrases. */
const last_stand = 65_535;

const marks = 256;

/**
 * Where a word stands in a field, and after which word: how many words stand before it × 256 + the mark of the one right
 * before. Spots of the same field ascend with the words.
 */
export type Spot = number;

/** The spot of a word that has `stand` words before it. `mark`: of the word right before it; 0: it is a text's first. */
export function spotOf(stand: number, mark: number): Spot {
  return stand * marks + mark;
}

/** How many words stand before a spot. */
export function standOf(spot: Spot): number {
  return Math.floor(spot / marks);
}

/** A number from 1 to 255 for a word (FNV-1a, the remainder); two words have the same one time in 255. */
export function markOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  }
  return 1 + ((hash >>> 0) % (marks - 1));
}

/**
 * Codes the spots of a word in an incident: how many, then the marks, then the distance of each from the one before.
 * Numbers are in seven bits a byte (LEB128), marks are bytes.
 */
export function pushSpots(bytes: number[], spots: readonly Spot[]): void {
  const end = last_stand * marks;
  const near = (spots.at(-1) ?? 0) < end ? spots : spots.filter((spot) => spot < end);
  pushNumber(bytes, near.length);
  for (const spot of near) bytes.push(spot & (marks - 1));
  let before = 0;
  for (const spot of near) {
    const stand = spot >>> 8;
    pushNumber(bytes, stand - before);
    before = stand;
  }
}

/** The spots of a word in an incident, coded. */
export function encodeSpots(spots: readonly Spot[]): Buffer {
  const bytes: number[] = [];
  pushSpots(bytes, spots);
  return Buffer.from(bytes);
}

/** Reads coded spots, incident by incident. */
export class SpotsReader {
  /** The byte that is read next: between two incidents. */
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes past the next incident. */
  skip(): null {
    const count = this.#number();
    this.at += count;
    this.#skipNumbers(count);
    return null;
  }

  /** The spots in the next incident, ascending. */
  read(): Spot[] {
    const count = this.#number();
    const from = this.at;
    this.at += count;
    const spots: Spot[] = [];
    let stand = 0;
    for (let index = 0; index < count; index += 1) {
      stand += this.#number();
      spots.push(spotOf(stand, this.#bytes[from + index] ?? 0));
    }
    return spots;
  }

  /**
   * How many words stand before the word in the next incident, ascending, but only where it stands after a word with this
   * mark; 0: after any. Null: nowhere.
   */
  readAfter(mark: number): number[] | null {
    const count = this.#number();
    const from = this.at;
    this.at += count;
    if (mark !== 0 && !this.#hasMark(mark, from, count)) {
      this.#skipNumbers(count);
      return null;
    }
    const stands: number[] = [];
    let stand = 0;
    for (let index = 0; index < count; index += 1) {
      stand += this.#number();
      if (mark === 0 || this.#bytes[from + index] === mark) stands.push(stand);
    }
    return stands.length === 0 ? null : stands;
  }

  #hasMark(mark: number, from: number, count: number): boolean {
    const bytes = this.#bytes;
    for (let at = from; at < from + count; at += 1) if (bytes[at] === mark) return true;
    return false;
  }

  #number(): number {
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

  #skipNumbers(count: number): void {
    const bytes = this.#bytes;
    let at = this.at;
    for (let left = count; left > 0 && at < bytes.length; at += 1) if ((bytes[at] ?? 0) < 0x80) left -= 1;
    this.at = at;
  }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}
