/** A regular expression, as text, for any of these words, whatever the case. JSON Schema has no flag for that. */
export function anyCase(words: readonly string[]): string {
  return `(?:${words.map((word) => word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`)).join("|")})`;
}
