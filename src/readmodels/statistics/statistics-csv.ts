import type { Statistics } from "./measure-statistics.ts";
import { countNames, durationNames, type MeasuredRow, summaryFields } from "./measured-row.ts";
import { secondsOf } from "./statistics-json.ts";

/** The names of the columns. */
export const csvColumns: readonly string[] = [
  "dimension",
  "key",
  ...countNames,
  ...durationNames.flatMap((name) => [`${name}_count`, ...summaryFields.map((field) => `${name}_${field}_seconds`)]),
];

/**
 * The answer as CSV (RFC 4180): a header, a row of all incidents (dimension `all`, no key), and one for each group. What
 * there is none of is an empty cell, and so is the key of nobody.
 */
export function statisticsCsv({ all, by }: Statistics): string {
  const rows = [
    csvColumns.map(textCell),
    rowOf("all", all),
    ...by.flatMap(({ dimension, rows: each }) => each.map((row) => rowOf(dimension, row))),
  ];
  return rows.map((cells) => `${cells.join(",")}\r\n`).join("");
}

function rowOf(dimension: string, { key, counts, durations }: MeasuredRow): string[] {
  return [
    textCell(dimension),
    typeof key === "number" ? String(key) : textCell(key ?? ""),
    ...counts.map(String),
    ...durations.flatMap((summary) => [
      String(summary.count),
      ...summaryFields.map((field) => numberCell(secondsOf(summary[`${field}_ms`]))),
    ]),
  ];
}

function numberCell(value: number | null): string {
  return value === null ? "" : String(value);
}

/**
 * A text as a cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front, as OWASP
 * advises against CSV injection. In quotes where the text has a comma, a quote or a line break.
 */
export function textCell(text: string): string {
  const safe = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
