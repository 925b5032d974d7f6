import { parseInstant } from "../rfc3339.ts";

/** Reads a time from a query string, where a plus sign that nobody escaped has become a space. */
export function parseQueryInstant(text: string): string | null {
  return parseInstant(text.replace(/ (\d{2}:\d{2})$/, "+$1"));
}
