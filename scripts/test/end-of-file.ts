import type { TestResult } from "../../tests/support/test-result.ts";

/**
 * What a process of test files writes on a line of its own when one of them is done: on standard error this alone, on standard
 * output the file's result after it. No test prints such a character.
 */
const mark = "\u0004";

/** The line for standard error. */
export const endLine = `${mark}\n`;

/** The line for standard output. */
export function resultLine(result: TestResult): string {
  return `${mark}${JSON.stringify(result)}\n`;
}

/** What of a stream belongs to the file that is done, what the line said, and what belongs to the next; null: it goes on. */
export function splitAtEnd(
  text: string,
): { readonly before: string; readonly told: string; readonly after: string } | null {
  const start = text.indexOf(mark);
  const end = start === -1 ? -1 : text.indexOf("\n", start);
  if (end === -1) return null;
  return { before: text.slice(0, start), told: text.slice(start + mark.length, end), after: text.slice(end + 1) };
}
