/** What does not count when words are compared: accents and other marks, vowel points, joiners, soft hyphens. */
const ignored = new RegExp(
  [
    // Combining marks of Latin, Greek and Cyrillic, and those for all scripts.
    "[\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f",
    // Hebrew points, Arabic points and the tatweel.
    "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670",
    // What is invisible within a word: soft hyphen, joiners, variation selectors.
    "\\u00ad\\u200c\\u200d\\u2060\\ufeff\\ufe00-\\ufe0f]",
  ].join(""),
  "gu",
);

/** Letters that Unicode does not take apart, as people type them without the right keyboard. */
const plainLetters: Readonly<Record<string, string>> = {
  ς: "σ",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  þ: "th",
  æ: "ae",
  œ: "oe",
};
const special = new RegExp(`[${Object.keys(plainLetters).join("")}]`, "gu");
const ascii = /^[ -~\s]*$/;

/**
 * A text as search compares it: without case (ß is ss; İ, ı and i are one letter; so are Σ, σ and ς), without accents (ö is o, й is и), wide,
 * narrow and other compatibility forms alike. Folding twice changes nothing.
 */
export function foldText(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  const bare = text.normalize("NFKD").replace(ignored, "");
  // Upper case in between unites what has one capital only, such as ß and SS, ı and I.
  const caseless = bare.toLowerCase().toUpperCase().toLowerCase();
  const plain = caseless.replace(special, (letter) => plainLetters[letter] ?? letter);
  return plain.normalize("NFC");
}
