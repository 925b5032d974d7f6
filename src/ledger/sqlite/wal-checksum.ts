/** SQLite's checksum of a WAL: two sums, each of 32 bits. */
export type Checksum = readonly [number, number];

/** Which bytes are summed up, as words of four of which there is an even number. */
export interface Words {
  readonly content: Buffer;
  readonly isLittleEndian: boolean;
  /** Where they are: stretches of a multiple of eight bytes. */
  readonly stretches: readonly { readonly start: number; readonly bytes: number }[];
}

/** Goes on from a checksum over more bytes (https://www.sqlite.org/fileformat2.html#checksum_algorithm). */
export function walChecksum([first, second]: Checksum, { content, isLittleEndian, stretches }: Words): Checksum {
  let [one, two] = [first, second];
  for (const { start, bytes } of stretches) {
    const view = new DataView(content.buffer, content.byteOffset + start, bytes);
    for (let offset = 0; offset < bytes; offset += 8) {
      one = (one + view.getUint32(offset, isLittleEndian) + two) >>> 0;
      two = (two + view.getUint32(offset + 4, isLittleEndian) + one) >>> 0;
    }
  }
  return [one, two];
}

/** The checksum that a header or a frame holds. */
export function checksumAt(content: Buffer, offset: number): Checksum {
  return [content.readUInt32BE(offset), content.readUInt32BE(offset + 4)];
}

/** Gives a header or a frame another checksum. */
export function writeChecksum(content: Buffer, offset: number, [one, two]: Checksum): void {
  content.writeUInt32BE(one, offset);
  content.writeUInt32BE(two, offset + 4);
}

/** Whether two checksums are the same. */
export function isSameChecksum(one: Checksum, other: Checksum): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

/** A word that would explain a wrong checksum if it were so much more (modulo 2^32). */
export interface WrongWord {
  readonly offset: number;
  readonly less: number;
}

/**
 * The words one of which must be wrong if no more than one is, for the checksum to be `found` where it was `right`. The checksum is
 * linear: a word that is one more adds the same to it whatever the others are. So a word would have to be off by exactly so
 * much to account for one sum, and the other sum is the proof. In a page of 4 KB it is one word, the right one, where the
 * lower half of its bits is wrong; of the highest bits both sums tell little, and several words pass.
 */
export function wrongWords(found: Checksum, right: Checksum, { stretches }: Words): readonly WrongWord[] {
  const missing = [right[0] - found[0], right[1] - found[1]] as const;
  // What one more in a word adds to both sums in the end, from the last pair of words to the first.
  let of_first: Checksum = [1, 1];
  let of_second: Checksum = [0, 1];
  const words: WrongWord[] = [];
  for (const { start, bytes } of [...stretches].reverse()) {
    for (let offset = start + bytes - 8; offset >= start; offset -= 8) {
      for (const [place, weights] of [
        [offset, of_first],
        [offset + 4, of_second],
      ] as const) {
        const less = offBy(missing, weights);
        if (less !== null) words.push({ offset: place, less });
      }
      of_first = onward(of_first);
      of_second = onward(of_second);
    }
  }
  return words;
}

/** What a pair of words behind it makes of a word's weights. */
function onward([one, two]: Checksum): Checksum {
  return [(one + two) >>> 0, (one + 2 * two) >>> 0];
}

/** The number that gives both missing sums when it is multiplied by the weights (modulo 2^32), or null. */
function offBy(missing: Checksum, weights: Checksum): number | null {
  // One of the weights is odd: the first ones are, and going on adds them to each other.
  const [odd, other] = weights[0] % 2 === 1 ? ([0, 1] as const) : ([1, 0] as const);
  const number = Math.imul(missing[odd], inverse(weights[odd]));
  return Math.imul(number, weights[other]) === (missing[other] | 0) ? number >>> 0 : null;
}

/** The inverse of an odd number modulo 2^32; each step doubles how many of its bits are right, at first three. */
function inverse(odd: number): number {
  let found = odd;
  for (let step = 0; step < 4; step += 1) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}
