/** Words further back in a text are found, but not as parts of phrases. */
export const last_stand = 65_535;

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

/** The mark of the word before a spot. */
export function markOfSpot(spot: Spot): number {
  return spot % marks;
}

/** A number from 1 to 255 for a word (FNV-1a, the remainder); two words have the same one time in 255. */
export function markOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  }
  return 1 + ((hash >>> 0) % (marks - 1));
}
