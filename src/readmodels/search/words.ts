import { foldText } from "./fold-text.ts";

/** Words are told apart by so many UTF-16 code units at their beginning. */
const word_characters = 48;

const run = /[\p{L}\p{N}\p{M}]+|\p{Extended_Pictographic}/gu;
const ascii = /^[ -~\s]*$/;
const asciiRun = /[a-z0-9]+/g;
const unspacedScripts = ["Han", "Hiragana", "Katakana", "Hangul", "Bopomofo", "Thai", "Lao", "Khmer", "Myanmar"];
const unspacedLetters = `[${unspacedScripts.map((script) => `\\p{scx=${script}}`).join("")}]`;
const unspacedPart = new RegExp(`(${unspacedLetters}+)`, "u");
const unspaced = new RegExp(`^${unspacedLetters}+$`, "u");
/** Before this character no script is without spaces. */
const first_unspaced = 0xe00;

/**
 * The words of a text, folded, in their order; the index of each is its place. Letters, marks and digits make words, all
 * else parts them; each emoji is one. Where a script does not part its words by spaces, every character makes one with the
 * character after it, and the last of such a run one by itself: 東京都 has 東京, 京都 and 都.
 */
export function wordsOf(text: string): string[] {
  const folded = foldText(text);
  if (ascii.test(folded)) return (folded.match(asciiRun) ?? []).map(cut);
  const words: string[] = [];
  for (const [found] of folded.matchAll(run)) {
    if (!unspacedPart.test(found)) words.push(cut(found));
    else for (const part of found.split(unspacedPart)) pushPart(words, part);
  }
  return words;
}

/** Whether a word comes from a script without spaces between its words. */
export function isUnspaced(word: string): boolean {
  return word.charCodeAt(0) >= first_unspaced && unspaced.test(word);
}

function pushPart(words: string[], part: string): void {
  if (part === "") return;
  if (!isUnspaced(part)) {
    words.push(cut(part));
    return;
  }
  const letters = [...part];
  for (const [index, letter] of letters.entries()) words.push(letter + (letters[index + 1] ?? ""));
}

function cut(word: string): string {
  if (word.length <= word_characters) return word;
  // Half of a surrogate pair is no character.
  return word.slice(0, word_characters).replace(/[\ud800-\udbff]$/, "");
}
