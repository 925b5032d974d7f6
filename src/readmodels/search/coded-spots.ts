import { last_stand, markOfSpot, type Spot, spotOf, standOf } from "./spots.ts";

/**
 * The spots of a word in some incidents, coded, in three lists: how often it stands in each incident, the marks before all of
 * its occurrences, and for each how many words after the one before it in the same incident it stands. Numbers are in seven
 * bits a byte (LEB128), marks are bytes: so that it is known by one look whether a mark is there at all.
 */
export interface CodedSpots<Bytes = Buffer> {
  readonly counts: Bytes;
  readonly marks: Bytes;
  readonly steps: Bytes;
}

/** Coded spots that grow, incident by incident. */
export type GrowingSpots = CodedSpots<number[]>;

/** Coded spots with nothing in them. */
export const noSpots: CodedSpots = { counts: Buffer.alloc(0), marks: Buffer.alloc(0), steps: Buffer.alloc(0) };

/** Coded spots to which more can be pushed. */
export function growingSpots(): GrowingSpots {
  return { counts: [], marks: [], steps: [] };
}

/** Adds the spots of the next incident. What is too far back in its text is left out. */
export function pushSpots({ counts, marks, steps }: GrowingSpots, spots: readonly Spot[]): void {
  let count = 0;
  let before = 0;
  for (const spot of spots) {
    const stand = standOf(spot);
    if (stand >= last_stand) break;
    marks.push(markOfSpot(spot));
    pushNumber(steps, stand - before);
    before = stand;
    count += 1;
  }
  pushNumber(counts, count);
}

/** Some pieces of coded spots, one after another. */
export function joinSpots(pieces: readonly CodedSpots[]): CodedSpots {
  const join = (of: keyof CodedSpots) => {
    const filled = pieces.map((piece) => piece[of]).filter((bytes) => bytes.length > 0);
    return filled.length === 1 && filled[0] !== undefined ? filled[0] : Buffer.concat(filled);
  };
  return { counts: join("counts"), marks: join("marks"), steps: join("steps") };
}

/** What has grown so far. */
export function grownSpots({ counts, marks, steps }: GrowingSpots): CodedSpots {
  return { counts: Buffer.from(counts), marks: Buffer.from(marks), steps: Buffer.from(steps) };
}

/** The spots of so many incidents, as `bytesOf` put them together. */
export function spotsFrom(bytes: Buffer, incidents: number): CodedSpots {
  let at = 0;
  let count = 0;
  for (let left = incidents; left > 0 && at < bytes.length; left -= 1) {
    let byte = bytes[at] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      at += 1;
      byte = bytes[at] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    at += 1;
    count += value;
  }
  return { counts: bytes.subarray(0, at), marks: bytes.subarray(at, at + count), steps: bytes.subarray(at + count) };
}

/** Coded spots as they are stored. */
export function bytesOf({ counts, marks, steps }: CodedSpots): Buffer {
  return Buffer.concat([counts, marks, steps]);
}

/** Reads coded spots, incident by incident. */
export class SpotsReader {
  readonly #spots: CodedSpots;
  #count_at = 0;
  #mark_at = 0;
  #step_at = 0;
  /** So many steps are still to be gone past: mostly nobody asks for those that follow. */
  #steps_behind = 0;

  constructor(spots: CodedSpots) {
    this.#spots = spots;
  }

  /** Goes past the next incident. */
  skip(): null {
    const count = this.#count();
    this.#mark_at += count;
    this.#steps_behind += count;
    return null;
  }

  /** Goes past all incidents. */
  skipAll(): void {
    this.#count_at = this.#spots.counts.length;
    this.#mark_at = this.#spots.marks.length;
    this.#step_at = this.#spots.steps.length;
    this.#steps_behind = 0;
  }

  /** The spots in the next incident, ascending. */
  read(): Spot[] {
    const from = this.#mark_at;
    return this.#stands(this.#count()).map((stand, index) => spotOf(stand, this.#spots.marks[from + index] ?? 0));
  }

  /** What is from where another reader is up to where this one is. */
  since(other: SpotsReader): CodedSpots {
    this.#catchUp();
    other.#catchUp();
    const { counts, marks, steps } = this.#spots;
    return {
      counts: counts.subarray(other.#count_at, this.#count_at),
      marks: marks.subarray(other.#mark_at, this.#mark_at),
      steps: steps.subarray(other.#step_at, this.#step_at),
    };
  }

  /** Another reader at the same place. */
  copy(): SpotsReader {
    const copy = new SpotsReader(this.#spots);
    copy.#count_at = this.#count_at;
    copy.#mark_at = this.#mark_at;
    copy.#step_at = this.#step_at;
    copy.#steps_behind = this.#steps_behind;
    return copy;
  }

  #stands(count: number): number[] {
    this.#catchUp();
    this.#mark_at += count;
    const stands: number[] = [];
    let stand = 0;
    for (let left = count; left > 0; left -= 1) {
      stand += this.#step();
      stands.push(stand);
    }
    return stands;
  }

  #catchUp(): void {
    const { steps } = this.#spots;
    let at = this.#step_at;
    for (let left = this.#steps_behind; left > 0 && at < steps.length; at += 1) if ((steps[at] ?? 0) < 0x80) left -= 1;
    this.#step_at = at;
    this.#steps_behind = 0;
  }

  #count(): number {
    const { counts } = this.#spots;
    let at = this.#count_at;
    let byte = counts[at] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      at += 1;
      byte = counts[at] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    this.#count_at = at + 1;
    return value;
  }

  #step(): number {
    const { steps } = this.#spots;
    let at = this.#step_at;
    let byte = steps[at] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      at += 1;
      byte = steps[at] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    this.#step_at = at + 1;
    return value;
  }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}
