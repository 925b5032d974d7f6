const title_characters = 500;

/** The first line that says something, as far as a title goes; null where there is none. No character is cut in half. */
export function titleOf(description: string): string | null {
  const line = description.split(/\r\n|[\n\r\u2028\u2029]/).find((candidate) => candidate.trim() !== "");
  if (line === undefined) return null;
  return line
    .trim()
    .slice(0, title_characters)
    .replace(/[\ud800-\udbff]$/, "");
}
