import type { RecordedEvent } from "../events/recorded-event.ts";
import { incidentOfStream } from "../events/stream.ts";
import type { Board } from "./board.ts";
import type { Handler } from "./handler.ts";
import { type HandlerThen, handlerThen } from "./handler-then.ts";
import type { Incident } from "./incident.ts";
import { type NotChosen, type Reason, reasonAgainst, reasonText } from "./not-chosen.ts";
import { compareForAssignment } from "./workload.ts";

/** Somebody who might have got an incident, and why they did not. */
export interface Alternative extends HandlerThen {
  /** For programs. */
  readonly reason: NotChosen;
  /** For people. */
  readonly sentence: string;
}

/** Between whom a decision chose, as things were just before it. */
export interface Alternatives {
  readonly team: string;
  /** Whom the decision chose; null: nobody. */
  readonly chosen: HandlerThen | null;
  /** Those who were not chosen: first those with room, in the order of rule 3, then those without, then those away. */
  readonly others: readonly Alternative[];
  /** How many more there were than are listed. */
  readonly more: number;
}

/** Handlers who are listed at most. */
const listed_handlers = 100;

/**
 * Between whom a decision about an incident chose. The board must stand just before the decision: at the end of the
 * commit before, with the earlier events of its own commit folded in. Null for events that choose nobody.
 */
export function alternativesOf(board: Board, event: RecordedEvent): Alternatives | null {
  const incident = board.incident(incidentOfStream(event.stream) ?? 0);
  if (incident === undefined) return null;
  switch (event.type) {
    case "incident.assigned":
      return amongTeam(board, incident.team, event.data.handler, passedOver(board, incident, event));
    case "incident.rerouted":
      return amongTeam(board, incident.team, event.data.handler, hadBefore(incident));
    case "incident.ack-timed-out":
      return amongTeam(board, incident.team, null, hadBefore(incident));
    case "incident.queued":
      return amongTeam(board, incident.team, null, passedOver(board, incident, event));
    case "incident.woken":
      return whereItReturns(board, incident, event.data.handler);
    default:
      return null;
  }
}

/** Why nobody has an incident that is pending: each handler of its team, away or at capacity. */
export function nobodyFree(board: Board, team: string): Alternatives {
  return amongTeam(board, team, null, noRule);
}

type LeftOut = (handler: Handler) => Reason | null;

const noRule: LeftOut = () => null;

/** Rule 8: one that was handed back passes over the handler it was taken from, in that commit alone. */
function passedOver(board: Board, { number }: Incident, { meta }: RecordedEvent): LeftOut {
  const passed = meta.offset === 0 ? undefined : board.scratch.passed_over.get(number);
  return ({ handler_id }) => (handler_id === passed ? { reason: "passed-over" } : null);
}

/** Rule 13: it does not go to whoever has it, nor to anybody who has had it. */
function hadBefore({ assigned_to, had_by }: Incident): LeftOut {
  return ({ handler_id }) => {
    if (handler_id === assigned_to) return { reason: "did-not-react" };
    return had_by.includes(handler_id) ? { reason: "has-had-it" } : null;
  };
}

/** Rule 9: a sleeper returns to the handler it was taken from, or to nobody; the order of assignment does not count. */
function whereItReturns(board: Board, { team, snoozed_from }: Incident, chosen: string | null): Alternatives {
  if (chosen !== null) {
    return amongTeam(board, team, chosen, () => ({ reason: "returns-to-another", other: chosen }));
  }
  const handler = board.handlers.get(snoozed_from ?? "");
  if (handler === undefined) return { team, chosen: null, others: [], more: 0 };
  const others = [alternative(board, handler, handler.team === team ? null : { reason: "left-the-team" }, undefined)];
  return { team, chosen: null, others, more: 0 };
}

function amongTeam(board: Board, team: string, chosen_id: string | null, leftOut: LeftOut): Alternatives {
  const chosen = chosen_id === null ? undefined : board.handlers.get(chosen_id);
  const rest = board.handlersOf(team).filter((handler) => handler.handler_id !== chosen_id);
  const others = rest
    .map((handler) => ({ handler, active: board.activeOf(handler.handler_id) }))
    .sort((a, b) => readiness(a) - readiness(b) || compareForAssignment(a, b))
    .slice(0, listed_handlers)
    .map(({ handler }) => alternative(board, handler, leftOut(handler), chosen));
  return {
    team,
    chosen: chosen === undefined ? null : handlerThen(board, chosen),
    others,
    more: rest.length - others.length,
  };
}

function readiness({ handler, active }: { readonly handler: Handler; readonly active: number }): number {
  if (!handler.available) return 2;
  return active < handler.capacity ? 0 : 1;
}

function alternative(board: Board, handler: Handler, rule: Reason | null, chosen: Handler | undefined): Alternative {
  const then = handlerThen(board, handler);
  const reason = reasonAgainst(board, handler, rule, chosen);
  return { ...then, reason: reason.reason, sentence: reasonText(then, reason) };
}
