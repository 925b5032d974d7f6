import { InvalidArgumentError, Option } from "commander";
import { parseInstant } from "../http/rfc3339.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { positionAt } from "../readmodels/position-at.ts";
import { CannotRun } from "./outcome.ts";

/** How far to go: a position (inside a commit it means that commit's end) or an instant. */
export type Until = { readonly position: number } | { readonly time: string };

const onlyUntil =
  "only up to this position (inside a commit: that commit's end), or to this time, such as 2026-01-31T09:15:00Z (default: the head)";

/** The flag that says how far to go. `meaning`: where it is another than usual. */
export function untilOption(meaning: string = onlyUntil): Option {
  return new Option("--until <position|time>", meaning).argParser(untilOf);
}

function untilOf(value: string): Until {
  if (/^\d+$/.test(value)) return { position: positionOf(value) };
  const time = parseInstant(value);
  if (time === null)
    throw new InvalidArgumentError("It is neither a position nor a time such as 2026-01-31T09:15:00Z.");
  return { time };
}

/** A position from the command line: a whole number from 1. */
export function positionOf(value: string): number {
  const position = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(position) || position < 1) {
    throw new InvalidArgumentError("A position is a whole number from 1.");
  }
  return position;
}

/** The position where to stop in this ledger, as it is now. Refuses positions beyond its end and times before its start. */
export async function lastPosition(ledger: Ledger, until: Until | undefined): Promise<number> {
  const head = await ledger.head();
  if (head.position === 0) throw new CannotRun("The ledger there is empty: it was never opened by a service.");
  if (until === undefined) return head.position;
  if ("position" in until) {
    if (until.position <= head.position) return until.position;
    throw new CannotRun(`The ledger ends at position ${head.position}, before ${until.position}.`);
  }
  const position = await positionAt(ledger, until.time);
  if (position === 0) throw new CannotRun(`The ledger begins after ${until.time}; name a later time.`);
  return position;
}
