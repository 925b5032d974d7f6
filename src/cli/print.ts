import { Option } from "commander";

/** What a cell of a table shows; null shows as a hyphen. */
export type Cell = string | number | boolean | null;

/** The flag for programs. */
export function jsonOption(): Option {
  return new Option("--json", "print one JSON document instead of text (default: off)");
}

/** Prints lines for people. */
export function printLines(lines: Iterable<string>): void {
  process.stdout.write(`${[...lines].join("\n")}\n`);
}

/** Prints one JSON document. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** The lines of a table: columns as wide as they need to be, numbers to the right. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const cells = rows.map((row) => columns.map((_, index) => shown(row[index] ?? null)));
  const isNumeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === "number"));
  const widths = columns.map((column, index) =>
    cells.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), column.length),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => (isNumeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(columns), ...cells.map(line)];
}

/** Control characters of a stored string must not reach a terminal. */
function shown(cell: Cell): string {
  if (cell === null) return "-";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return String(cell).replace(/\p{Cc}/gu, "\u{FFFD}");
}
