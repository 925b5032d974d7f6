/** Something in a scenario file that cannot be meant: a word nobody knows, a past that cannot have been. */
export class ScenarioFault extends Error {
  /** The line of the file, from 1. */
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.name = "ScenarioFault";
    this.line = line;
  }
}

/** Says which word was probably meant, or else which there are. */
export function wordsInstead(word: string, known: Iterable<string>): string {
  const words = [...known];
  const near = words
    .map((candidate) => ({ candidate, changes: changesBetween(word, candidate) }))
    .sort((a, b) => a.changes - b.changes)[0];
  if (near !== undefined && near.changes <= Math.max(1, Math.floor(word.length / 3))) {
    return `Did you mean ${near.candidate}?`;
  }
  return `There are: ${words.join(", ")}.`;
}

/** How many letters must be added, dropped or replaced to make one word of the other (Levenshtein, 1966). */
function changesBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
