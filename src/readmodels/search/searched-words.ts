import type { IncidentTexts } from "../../../projections/incident-texts.ts";
import { isUnspaced, wordsOf } from "./words.ts";

/** The fields of an incident that are searched, in the order of their weight. */
export const searchedFields = { title: 0, description: 1, comments: 2 } as const;

/** A field's number in the index; three more for what its words begin with. */
export type SearchedField = (typeof searchedFields)[keyof typeof searchedFields];

/** How many searched fields there are. */
export const field_count = 3;

/** Words and where they stand, ascending. */
export type Spots = ReadonlyMap<string, readonly number[]>;

/** The words of a text, each with its spots; the first has the spot `start`. */
export function spotsOf(text: string | null, start = 0): Spots {
  const spots = new Map<string, number[]>();
  const words = text === null ? [] : wordsOf(text);
  for (const [index, word] of words.entries()) {
    const known = spots.get(word);
    if (known === undefined) spots.set(word, [start + index]);
    else known.push(start + index);
  }
  return spots;
}

/** Where the next text may begin after this one. One spot stays free, so that no phrase reaches from one into the other. */
export function endOf(text: string, start: number): number {
  return start + wordsOf(text).length + 1;
}

/**
 * What words begin with that is looked up by itself, because too many words begin with it: their first letter. Not of
 * scripts without spaces, of which any two characters may be a word.
 */
export function beginningsOf(words: Iterable<string>): Set<string> {
  const beginnings = new Set<string>();
  for (const word of words) {
    const beginning = beginningOf(word);
    if (beginning !== null) beginnings.add(beginning);
  }
  return beginnings;
}

/** The first letter of a word, if words are looked up by it. */
export function beginningOf(word: string): string | null {
  const first = String.fromCodePoint(word.codePointAt(0) ?? 0);
  return isUnspaced(first) ? null : first;
}

/** Title and description, by their fields. */
export function textFields({ title, description }: Pick<IncidentTexts, "title" | "description">) {
  return [
    { field: searchedFields.title, text: title },
    { field: searchedFields.description, text: description },
  ];
}
