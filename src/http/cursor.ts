import { invalidParameter } from "./problem-error.ts";

/** What a cursor holds: the sort key of the last row shown. */
export type CursorKey = readonly (string | number)[];

/** Where a list goes on, as an opaque text. */
export function writeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key), "utf8").toString("base64url");
}

/** What a cursor holds, if it has the types of `shape`; refuses one that is not ours. */
export function readCursor<const Shape extends readonly ("string" | "number")[]>(
  cursor: string,
  shape: Shape,
): { -readonly [Index in keyof Shape]: Shape[Index] extends "string" ? string : number } {
  const key = parse(cursor);
  const fits =
    Array.isArray(key) && key.length === shape.length && shape.every((type, index) => isPart(type, key[index]));
  if (!fits) throw invalidParameter("cursor", "must be a cursor of this list, taken from `next_cursor`");
  return key as { -readonly [Index in keyof Shape]: Shape[Index] extends "string" ? string : number };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}

function isPart(type: "string" | "number", part: unknown): boolean {
  return type === "string" ? typeof part === "string" : Number.isSafeInteger(part);
}
