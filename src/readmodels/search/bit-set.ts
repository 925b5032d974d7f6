/** How many incidents a block of the index has: those whose numbers are the same but for the last twelve bits. */
export const block_numbers = 4096;

const block_words = block_numbers / 32;

/** A set of places in a block, one bit for each. */
export type BitSet = Uint32Array;

/** The block of an incident. */
export function blockOf(number: number): number {
  return Math.floor(number / block_numbers);
}

/** The place of an incident in its block. */
export function placeOf(number: number): number {
  return number % block_numbers;
}

/** Sets are made many at once: memory of its own for each takes longer than what is done with it. */
const sets_at_once = 64;
let fresh = new Uint32Array(sets_at_once * block_words);
let next_fresh = 0;

/** A set with nothing in it. */
export function emptySet(): BitSet {
  if (next_fresh === fresh.length) {
    fresh = new Uint32Array(sets_at_once * block_words);
    next_fresh = 0;
  }
  next_fresh += block_words;
  return fresh.subarray(next_fresh - block_words, next_fresh);
}

/** A set with the same in it. */
export function copyOf(set: BitSet): BitSet {
  const copy = emptySet();
  copy.set(set);
  return copy;
}

/** Puts a place into a set. */
export function addTo(set: BitSet, place: number): void {
  const word = place >>> 5;
  set[word] = (set[word] ?? 0) | (1 << (place & 31));
}

/** Takes a place out of a set. */
export function takeFrom(set: BitSet, place: number): void {
  const word = place >>> 5;
  set[word] = (set[word] ?? 0) & ~(1 << (place & 31));
}

/** Whether a place is in a set. */
export function isIn(set: BitSet, place: number): boolean {
  return ((set[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0;
}

/** The set of some places. */
export function setOf(places: Iterable<number>): BitSet {
  const set = emptySet();
  for (const place of places) addTo(set, place);
  return set;
}

/** Puts all of another set into a set. */
export function addAll(set: BitSet, other: BitSet): void {
  for (let word = 0; word < block_words; word += 1) set[word] = (set[word] ?? 0) | (other[word] ?? 0);
}

/** What is in either. */
export function unionOf(a: BitSet, b: BitSet): BitSet {
  const either = copyOf(a);
  addAll(either, b);
  return either;
}

/** What is in both. */
export function inBoth(a: BitSet, b: BitSet): BitSet {
  const both = emptySet();
  for (let word = 0; word < block_words; word += 1) both[word] = (a[word] ?? 0) & (b[word] ?? 0);
  return both;
}

/** What is in the first and not in the second. */
export function without(a: BitSet, b: BitSet): BitSet {
  const left = emptySet();
  for (let word = 0; word < block_words; word += 1) left[word] = (a[word] ?? 0) & ~(b[word] ?? 0);
  return left;
}

/** The places from the first to the last, both included. */
export function between(first: number, last: number): BitSet {
  const set = emptySet();
  if (first <= 0 && last >= block_numbers - 1) return set.fill(0xffffffff);
  for (let place = Math.max(first, 0); place <= Math.min(last, block_numbers - 1); place += 1) addTo(set, place);
  return set;
}

/** Whether nothing is in a set. */
export function isEmpty(set: BitSet): boolean {
  for (let word = 0; word < block_words; word += 1) if (set[word] !== 0) return false;
  return true;
}

/** How many places are in a set. */
export function sizeOf(set: BitSet): number {
  let size = 0;
  for (let index = 0; index < block_words; index += 1) size += bitsIn(set[index] ?? 0);
  return size;
}

/** How many bits of a word are set (Hacker's Delight, 5-1). */
export function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The places in a set, ascending; only those from `first` up to `end`, both of which are multiples of 32. */
export function placesIn(set: BitSet, first = 0, end = block_numbers): number[] {
  const places: number[] = [];
  for (let index = first >>> 5; index < end >>> 5; index += 1) {
    for (let word = set[index] ?? 0; word !== 0; word &= word - 1)
      places.push(32 * index + 31 - Math.clz32(word & -word));
  }
  return places;
}
