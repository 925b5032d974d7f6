import type { Board } from "./board.ts";
import type { Handler } from "./handler.ts";
import type { HandlerThen } from "./handler-then.ts";

/** Why somebody did not get an incident: one word each, in the order in which they are looked at. */
export const notChosenReasons = [
  "did-not-react",
  "returns-to-another",
  "left-the-team",
  "unavailable",
  "at-capacity",
  "passed-over",
  "has-had-it",
  "higher-load",
  "more-turns",
  "assigned-more-recently",
  "joined-later",
  "unexplained",
] as const;

/** One of these words. */
export type NotChosen = (typeof notChosenReasons)[number];

/** Why somebody did not get an incident, with what it is measured against. */
export interface Reason {
  readonly reason: NotChosen;
  /** Who was chosen instead, or the value of theirs that counted. */
  readonly other?: string;
}

/** These say more than that somebody is away or busy. */
const first: readonly NotChosen[] = ["did-not-react", "returns-to-another", "left-the-team"];

/**
 * Why a handler was not chosen, as the board is. `rule`: what leaves them out whatever their load, or null; `chosen`: who
 * was taken instead, if anybody. `unexplained` where rule 3 would have taken them.
 */
export function reasonAgainst(
  board: Board,
  handler: Handler,
  rule: Reason | null,
  chosen: Handler | undefined,
): Reason {
  if (rule !== null && first.includes(rule.reason)) return rule;
  if (handler.team === null || !handler.available) return { reason: "unavailable" };
  const active = board.activeOf(handler.handler_id);
  if (active >= handler.capacity) return { reason: "at-capacity" };
  if (rule !== null) return rule;
  return chosen === undefined ? { reason: "unexplained" } : reasonInOrder(board, handler, active, chosen);
}

/** Rule 3, term by term: which one puts the handler behind the chosen one. */
function reasonInOrder(board: Board, handler: Handler, active: number, chosen: Handler): Reason {
  const theirs = board.activeOf(chosen.handler_id);
  const load = active * chosen.capacity - theirs * handler.capacity;
  if (load !== 0) return behind(load, "higher-load", `${theirs}/${chosen.capacity}`);
  const turns = handler.turns - chosen.turns;
  if (turns !== 0) return behind(turns, "more-turns", String(chosen.turns));
  const last = handler.last_assigned_position - chosen.last_assigned_position;
  if (last !== 0) return behind(last, "assigned-more-recently", chosen.last_assigned_at ?? "never");
  return behind(handler.joined_position - chosen.joined_position, "joined-later", chosen.handler_id);
}

function behind(difference: number, reason: NotChosen, other: string): Reason {
  return difference > 0 ? { reason, other } : { reason: "unexplained" };
}

/** The reason in a sentence about the handler as they were. */
export function reasonText(then: HandlerThen, { reason, other = "" }: Reason): string {
  const { handler_id, active, capacity, turns, last_assigned_at } = then;
  switch (reason) {
    case "did-not-react":
      return `${handler_id} had it and did not react in time.`;
    case "returns-to-another":
      return `It returned to ${other}, who had it before it slept; that comes before the order of assignment.`;
    case "left-the-team":
      return `${handler_id}, who had it before it slept, was not in its team any more.`;
    case "unavailable":
      return `${handler_id} was unavailable.`;
    case "at-capacity":
      return `${handler_id} was at capacity, with ${active} of ${capacity}.`;
    case "passed-over":
      return `It had just been taken from ${handler_id}, so it passed over them.`;
    case "has-had-it":
      return `${handler_id} had had it already.`;
    case "higher-load":
      return `${handler_id} had a higher load, ${active}/${capacity} against ${other}.`;
    case "more-turns":
      return `${handler_id} had had more turns, ${turns} against ${other}.`;
    case "assigned-more-recently":
      return `${handler_id} was assigned something more recently, ${last_assigned_at ?? "never"} against ${other}.`;
    case "joined-later":
      return `${handler_id} joined later than ${other}, all else being equal.`;
    case "unexplained":
      return `The rules that this build knows would have taken ${handler_id}; the command verify tells more.`;
    default:
      return reason satisfies never;
  }
}
