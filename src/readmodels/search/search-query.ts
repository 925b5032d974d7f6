import { isUnspaced, wordsOf } from "./words.ts";

/** Words that must stand side by side, in this order; most often a single one. */
export interface SearchUnit {
  readonly words: readonly string[];
  /** Whether the last of them may be the beginning of a longer word. */
  readonly is_open: boolean;
}

/** What to look for: an incident must have every wanted unit, and none that is unwanted. */
export interface Search {
  readonly wanted: readonly SearchUnit[];
  readonly unwanted: readonly SearchUnit[];
}

const part = /(-?)(?:"([^"]*)"?|([^\s"]+))/gu;
const quotes = /[“”„‟＂]/gu;

/**
 * Reads what somebody typed. Every text means something: what is between spaces is looked for, as the beginning of a word;
 * quotes make a phrase of whole words; a minus before either leaves out what has it. What is joined by other signs
 * (`db-01.example.com`) is a phrase as well. Null: there is nothing in it to look for.
 */
export function parseSearch(typed: string): Search | null {
  const wanted = new Map<string, SearchUnit>();
  const unwanted = new Map<string, SearchUnit>();
  for (const [, minus, phrase, plain = ""] of typed.replace(quotes, '"').matchAll(part)) {
    // Two of them are the beginning of an option, such as --verbose.
    const isUnwanted = minus === "-" && !plain.startsWith("-");
    const unit = unitOf(phrase ?? plain, phrase === undefined && !isUnwanted);
    if (unit !== null) (isUnwanted ? unwanted : wanted).set(JSON.stringify(unit), unit);
  }
  return wanted.size === 0 ? null : { wanted: [...wanted.values()], unwanted: [...unwanted.values()] };
}

/** How many words a search has, however they are grouped. */
export function countWords({ wanted, unwanted }: Search): number {
  return [...wanted, ...unwanted].reduce((count, { words }) => count + words.length, 0);
}

function unitOf(text: string, is_open: boolean): SearchUnit | null {
  const words = wordsOf(text);
  const last = words.at(-1);
  if (last === undefined) return null;
  if (!isUnspaced(last)) return { words, is_open };
  // The last character of a run is in the word before as well; whether the run goes on does not matter.
  const before = words.at(-2);
  const isCovered = before !== undefined && before !== last && isUnspaced(before) && before.endsWith(last);
  return isCovered ? { words: words.slice(0, -1), is_open: false } : { words, is_open: true };
}
