import type { Board } from "../../../projections/board.ts";
import type { Handler } from "../../../projections/handler.ts";
import type { AddHandler, ChangeHandler, RemoveHandler } from "../commands.ts";
import { handlerFact, incidentFact, type NewFact, textOf } from "../new-event.ts";
import type { Refusal } from "../refusal.ts";
import { refuse, type StepResult } from "./accepted.ts";
import { isRefused, namedTeam, staleness } from "./references.ts";

/** Somebody joins a team, for the first time or again. */
export function addHandler(board: Board, command: AddHandler): StepResult {
  const known = board.findHandler(command.handler);
  if (known !== undefined && known.team !== null) {
    const detail = `${known.handler_id} is in the team ${known.team} already. Remove them there first.`;
    return refuse("handler-exists", detail, "handler_id");
  }
  const team = namedTeam(board, command.team ?? "default");
  if (isRefused(team)) return team;
  const handler = known?.handler_id ?? command.handler;
  const data = { handler, team: team.team, capacity: command.capacity ?? team.rules.default_capacity };
  return [handlerFact(handler, "handler.joined", data, textOf({ name: command.name }))];
}

/** Rule 7 and the capacity and name of a handler. */
export function changeHandler(board: Board, command: ChangeHandler): StepResult {
  const handler = addressedHandler(board, command.handler, command.if_version);
  if (isRefused(handler)) return handler;
  const { handler_id: id } = handler;
  if (handler.team === null) return refuse("handler-has-left", `${id} has left. Add them to a team again first.`);
  const { name, capacity, available, release, reason } = command;
  if (release === true && (available === true || (available === undefined && handler.available))) {
    const detail = 'Only one who is unavailable releases their work: say "available": false as well.';
    return refuse("contradiction", detail, "release");
  }
  if (reason !== undefined && available === undefined) {
    return refuse("contradiction", 'A reason goes with "available" alone.', "reason");
  }
  const facts: NewFact[] = [];
  if (name !== undefined) facts.push(handlerFact(id, "handler.renamed", { handler: id }, { name }));
  if (capacity !== undefined && capacity !== handler.capacity) {
    facts.push(handlerFact(id, "handler.capacity-changed", { handler: id, capacity }));
  }
  if (available !== undefined && available !== handler.available) {
    const type = available ? "handler.made-available" : "handler.made-unavailable";
    facts.push(handlerFact(id, type, { handler: id }, textOf({ reason })));
  }
  if (release === true) facts.push(...handedBack(board, id));
  return facts;
}

/** Leaving a team releases all work, and forgets the return of what sleeps. */
export function removeHandler(board: Board, command: RemoveHandler): StepResult {
  const handler = addressedHandler(board, command.handler, command.if_version);
  if (isRefused(handler)) return handler;
  const { handler_id: id, team } = handler;
  if (team === null) return [];
  return leaving(board, id, team, command.reason);
}

/** The facts by which a handler leaves the team that they are in. */
export function leaving(board: Board, id: string, team: string, reason: string | undefined): readonly NewFact[] {
  const sleeping = [...board.incidents.values()]
    .filter((incident) => incident.snoozed_from === id)
    .map((incident) => incident.number)
    .sort((a, b) => a - b);
  return [
    handlerFact(id, "handler.left", { handler: id, team }, textOf({ reason })),
    ...handedBack(board, id),
    ...sleeping.map((number) => incidentFact(number, "incident.return-forgotten", { handler: id })),
  ];
}

/** The facts by which a handler hands back all that they have. */
export function handedBack(board: Board, handler: string): NewFact[] {
  return board.workOf(handler).map((number) => incidentFact(number, "incident.handed-back", { handler }));
}

function addressedHandler(
  board: Board,
  handler_id: string,
  if_version: readonly number[] | undefined,
): Handler | Refusal {
  const handler = board.findHandler(handler_id);
  if (handler === undefined) return refuse("handler-not-found", `There is no handler ${handler_id}.`);
  return staleness(handler.handler_id, handler.version, if_version) ?? handler;
}
