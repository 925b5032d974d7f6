import { createHash } from "node:crypto";
import type { ListQuery, ListSort } from "./list-query.ts";

/** The sort key of a row: number · severity, timestamp, number · timestamp, number · rank, number. */
export type ListKey = readonly (number | string)[];

/** Thrown for a cursor that no page of this sort and these filters gave. */
export class InvalidCursor extends Error {
  constructor() {
    super("This cursor was not given by a page with this sort and these filters; leave it out to start anew.");
    this.name = "InvalidCursor";
  }
}

/** The columns of each order, without its direction. */
export function keyColumns(sort: ListSort): readonly string[] {
  switch (sort) {
    case "number":
    case "-number":
      return ["number"];
    case "severity":
    case "-severity":
      return ["severity", "timestamp", "sequence"];
    case "timestamp":
    case "-timestamp":
      return ["timestamp", "sequence"];
    case "relevance":
      return ["rank", "number"];
    default:
      return sort satisfies never;
  }
}

/** A cursor that goes on after the row of this key. Opaque to those who get it. */
export function encodeCursor(query: ListQuery, sort: ListSort, key: ListKey): string {
  return Buffer.from(JSON.stringify([digestOf(query, sort), ...key])).toString("base64url");
}

/** The key after which to go on. Throws `InvalidCursor` for what `encodeCursor` did not make for the same query. */
export function decodeCursor(query: ListQuery, sort: ListSort, cursor: string): ListKey {
  const parsed = parse(cursor);
  if (!Array.isArray(parsed)) throw new InvalidCursor();
  const [digest, ...key]: unknown[] = parsed;
  if (digest !== digestOf(query, sort) || !isKey(key, sort)) throw new InvalidCursor();
  return key;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}

function isKey(key: readonly unknown[], sort: ListSort): key is ListKey {
  const columns = keyColumns(sort);
  return (
    key.length === columns.length &&
    columns.every((column, index) => {
      const part = key[index];
      return column === "timestamp" ? typeof part === "string" : Number.isSafeInteger(part);
    })
  );
}

/** Tells queries apart whose pages do not go together. The limit and the count may change from page to page. */
function digestOf(query: ListQuery, sort: ListSort): string {
  const labels = (query.labels ?? []).map(({ key, value }) => JSON.stringify([key, value])).sort();
  const filters = [
    sort,
    [...new Set(query.status)].sort(),
    [...new Set(query.severity)].sort(),
    query.team ?? null,
    query.assigned_to ?? null,
    query.type ?? null,
    query.source ?? null,
    labels,
    query.reported_after ?? null,
    query.reported_before ?? null,
    ...(query.search === undefined ? [] : [query.search]),
  ];
  return createHash("sha256").update(JSON.stringify(filters)).digest("base64url").slice(0, 11);
}
