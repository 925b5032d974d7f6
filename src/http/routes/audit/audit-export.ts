import { Readable } from "node:stream";
import { textCell } from "../../../readmodels/statistics/statistics-csv.ts";
import { type AuditJson, auditExample } from "./audit-view.ts";

/** The names of the columns of the CSV. */
export const auditColumns = Object.keys(auditExample) as readonly (keyof AuditJson)[];

/** The row of the names. */
export const auditHeading = `${auditColumns.join(",")}\r\n`;

/** A row as a line of CSV (RFC 4180), in which no cell begins like a formula; null is an empty cell. */
export function csvLine(row: AuditJson): string {
  const cells = auditColumns.map((column) => {
    const value = row[column];
    return typeof value === "string" ? textCell(value) : String(value ?? "");
  });
  return `${cells.join(",")}\r\n`;
}

/** A row as a line of NDJSON. */
export function jsonLine(row: AuditJson): string {
  return `${JSON.stringify(row)}\n`;
}

/**
 * All rows as a text, however many there are: some at a time are read and sent, as fast as the client takes them. The first are
 * read before the answer begins, so that what fails at once is answered as a fault.
 */
export async function exported(
  pages: AsyncGenerator<readonly AuditJson[]>,
  heading: string,
  lineOf: (row: AuditJson) => string,
): Promise<Readable> {
  const first = await pages.next();
  async function* chunks(): AsyncGenerator<string> {
    const rows: readonly AuditJson[] = first.done === true ? [] : first.value;
    yield heading + rows.map(lineOf).join("");
    for await (const page of pages) yield page.map(lineOf).join("");
  }
  return Readable.from(chunks());
}
