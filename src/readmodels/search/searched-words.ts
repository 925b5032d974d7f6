import type { IncidentTexts } from "../../../projections/incident-texts.ts";
import { markOf, type Spot, spotOf } from "./spots.ts";
import { isUnspaced, wordsOf } from "./words.ts";

/** The fields of an incident that are searched, in the order of their weight. */
export const searchedFields = { title: 0, description: 1, comments: 2 } as const;

/** A field's number in the index; three more for what its words begin with. */
export type SearchedField = (typeof searchedFields)[keyof typeof searchedFields];

/** How many searched fields there are. */
export const field_count = 3;

/** Words and where they stand, ascending. */
export type Spots = ReadonlyMap<string, readonly Spot[]>;

/** The words of a text, each with its spots; before the first there are `start` others in the field. */
export function spotsOf(text: string | null, start = 0): Spots {
  const spots = new Map<string, Spot[]>();
  const words = text === null ? [] : wordsOf(text);
  let mark = 0;
  for (const [index, word] of words.entries()) {
    const spot = spotOf(start + index, mark);
    const known = spots.get(word);
    if (known === undefined) spots.set(word, [spot]);
    else known.push(spot);
    mark = markOf(word);
  }
  return spots;
}

/** Where the next text may begin after this one. One stays free, so that no phrase reaches from one into the other. */
export function endOf(text: string, start: number): number {
  return start + wordsOf(text).length + 1;
}

/** Begins what words begin with in the index, so that it stands apart from the words: none begins with it. */
const beginning_sign = "*";

/**
 * What words begin with that is looked up by itself, because too many words begin with it: their first two letters, or the
 * only one. Not of scripts without spaces, of which any two characters may be a word.
 */
export function beginningsOf(words: Iterable<string>): Set<string> {
  const beginnings = new Set<string>();
  for (const word of words) {
    const beginning = beginningOf(word);
    if (beginning !== null) beginnings.add(beginning);
  }
  return beginnings;
}

/** By what all words that begin with this one are looked up. */
export interface Beginning {
  /** What stands in the index. */
  readonly word: string;
  /** Whether it is itself only the beginning of what stands there. */
  readonly is_longer: boolean;
}

/** Where the words that begin with these letters are known by them; null: they are too many letters. */
export function lookedUpBeginning(letters: string): Beginning | null {
  const [first, second, third] = letters;
  if (first === undefined || third !== undefined || isUnspaced(first)) return null;
  return { word: `${beginning_sign}${letters}`, is_longer: second === undefined };
}

function beginningOf(word: string): string | null {
  const [first, second = ""] = lettersOf(word);
  return first === undefined || isUnspaced(first) ? null : `${beginning_sign}${first}${second}`;
}

/** The letters that a beginning is made of, at least; of a word that is long no more are looked at. */
function lettersOf(word: string): string[] {
  return [...word.slice(0, 4)];
}

/** Title and description, by their fields. */
export function textFields({ title, description }: Pick<IncidentTexts, "title" | "description">) {
  return [
    { field: searchedFields.title, text: title },
    { field: searchedFields.description, text: description },
  ];
}
