import { Type } from "@sinclair/typebox";
import { limits } from "../config.ts";
import type { Head } from "../ledger/ledger.ts";
import { commitEnd } from "../ledger/read-commits.ts";
import { positionAt } from "../readmodels/position-at.ts";
import { type CursorKey, readCursor, writeCursor } from "./cursor.ts";
import { invalidParameter, ProblemError } from "./problem-error.ts";
import type { ProblemCode } from "./problems.ts";
import type { Services } from "./services.ts";
import { parseQueryInstant } from "./validation/query-instant.ts";

/** The query parameter of everything that can be shown as it was. It has no examples: Swagger UI would send one each time. */
export const asOfParameter = {
  as_of: Type.Optional(
    Type.String({
      maxLength: 64,
      description:
        "shows things as they were then: a position of the ledger such as `42` (inside a commit: that commit's end), or a time such as `2026-01-31T09:15:00Z` (RFC 3339, any offset: the last commit at or before it)",
    }),
  ),
};

/** What such a route can answer beside what it answers of the present. */
export const asOfProblems = ["as-of-outside-ledger", "past-unavailable"] as const satisfies readonly ProblemCode[];

/** Refuses `as_of` where only the present is shown: an answer about now must not be taken for one about then. */
export function refusePast({ query }: { readonly query: object }): void {
  if (Object.hasOwn(query, "as_of")) {
    const instead = "/queue, /handlers, /teams, /incidents/{id} and its timeline can be asked as of a moment";
    throw invalidParameter("as_of", `is not taken here; ${instead}`);
  }
}

/**
 * The position that `as_of` stands for, the end of a commit; null where nothing of the past is asked for. Refuses what is
 * neither a position nor a time, and what lies outside the ledger. A time after the last commit is the present, up to a
 * few minutes ahead of the clock, as clocks differ.
 */
export async function positionAsOf(services: Services, as_of: string | undefined): Promise<number | null> {
  if (as_of === undefined) return null;
  const head = await services.ledger.head();
  if (/^\d+$/.test(as_of)) return endOfCommit(services, head, as_of);
  const instant = parseQueryInstant(as_of);
  if (instant === null) {
    throw invalidParameter("as_of", "must be a position such as 42, or a time such as 2026-01-31T09:15:00Z");
  }
  const { runtime } = services;
  const latest = new Date(Math.max(runtime.now(), Date.parse(head.recorded_at)) + limits.as_of_ahead_ms).toISOString();
  if (instant > latest) throw outside(`${instant} is in the future; the ledger ends at position ${head.position}`);
  const position = await positionAt(services.ledger, instant);
  if (position > 0) return position;
  const [first] = await services.ledger.read({ limit: 1 });
  throw outside(`The ledger begins at ${first?.recorded_at ?? "no time yet"}, after ${instant}`);
}

async function endOfCommit({ ledger }: Services, head: Head, as_of: string): Promise<number> {
  const position = Number(as_of);
  if (position < 1) throw outside("The ledger begins at position 1");
  if (position > head.position) {
    throw outside(`The ledger ends at position ${head.position}, recorded at ${head.recorded_at}, before ${as_of}`);
  }
  const [event] = await ledger.read({ after: position - 1, limit: 1 });
  return event === undefined ? position : commitEnd(event);
}

function outside(sentence: string): ProblemError {
  const faults = [{ parameter: "as_of", detail: "must lie within the ledger" }];
  return new ProblemError("as-of-outside-ledger", `${sentence}.`, { faults });
}

type Shape = readonly ("string" | "number")[];
type KeyOf<S extends Shape> = { -readonly [Index in keyof S]: S[Index] extends "string" ? string : number };

/** Which page of which moment is asked for. */
export interface PageAsOf<Key> {
  /** The position to show; null: the present. */
  readonly position: number | null;
  /** The key of the last row of the page before; null: the first page. */
  readonly after: Key | null;
}

/**
 * The moment and the page that a list is asked for. A cursor of the past holds the position of its list, so that a time
 * means the same position on every page, whatever is written meanwhile.
 */
export async function pageAsOf<const S extends Shape>(
  services: Services,
  { as_of, cursor }: { readonly as_of?: string; readonly cursor?: string },
  shape: S,
): Promise<PageAsOf<KeyOf<S>>> {
  const position = await positionAsOf(services, as_of);
  if (cursor === undefined) return { position, after: null };
  if (position === null) return { position, after: readCursor(cursor, shape) };
  const [begun, ...after] = readCursor(cursor, ["number", ...shape] as const);
  const fits = begun === position || (/\D/.test(as_of ?? "") && begun > 0 && begun < position);
  if (!fits) throw invalidParameter("cursor", "must be a `next_cursor` of the same `as_of`");
  return {
    position: await endOfCommit(services, await services.ledger.head(), String(begun)),
    after: after as KeyOf<S>,
  };
}

/** Where such a list goes on. */
export function cursorAsOf(position: number | null, key: CursorKey): string {
  return writeCursor(position === null ? key : [position, ...key]);
}
