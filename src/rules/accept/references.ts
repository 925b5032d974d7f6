import type { Board } from "../../../projections/board.ts";
import { compareText } from "../../../projections/compare.ts";
import type { Handler } from "../../../projections/handler.ts";
import type { Incident } from "../../../projections/incident.ts";
import type { Team } from "../../../projections/team.ts";
import type { Refusal } from "../refusal.ts";
import { refuse } from "./accepted.ts";

/**
 * The incident that a command addresses, at the version that its caller looked at; else why not. A deleted one is found
 * only where that is said to be `even_deleted`.
 */
export function addressedIncident(
  board: Board,
  number: number,
  if_version: readonly number[] | undefined,
  even_deleted = false,
): Incident | Refusal {
  const incident = board.incident(number);
  if (incident === undefined || (incident.status === "deleted" && !even_deleted)) {
    return refuse("incident-not-found", `There is no incident ${number}.`);
  }
  return staleness(`Incident ${number}`, incident.version, if_version) ?? incident;
}

/** Why a command is stale, if it is: its caller saw another version than the present one. */
export function staleness(
  what: string,
  version: number,
  if_version: readonly number[] | undefined,
): Refusal | undefined {
  if (if_version === undefined || if_version.includes(version)) return undefined;
  return refuse("version-mismatch", `${what} is at version ${version} by now. Read it again, then decide.`);
}

/** The handler that a command names for an incident of the team; else why not. */
export function handlerOfTeam(board: Board, team: string, handler_id: string, field: string): Handler | Refusal {
  const handler = board.findHandler(handler_id);
  if (handler === undefined) {
    return refuse("unknown-handler", `There is no handler ${handler_id}. GET /handlers lists them.`, field);
  }
  if (handler.team === null) {
    return refuse("handler-has-left", `${handler.handler_id} has left and takes no incidents.`, field);
  }
  if (handler.team !== team) {
    const detail = `${handler.handler_id} belongs to the team ${handler.team}, the incident to ${team}. Move it first.`;
    return refuse("handler-in-another-team", detail, field);
  }
  return handler;
}

/** The team that a command names; else why not. */
export function namedTeam(board: Board, name: string, field = "team"): Team | Refusal {
  return board.findTeam(name) ?? refuse("unknown-team", `There is no team ${name}. GET /teams lists them.`, field);
}

/** The names of teams in which a role counts, each once and in order; null, every team, stays null. Else why not. */
export function namedTeams(
  board: Board,
  names: readonly string[] | null,
): { readonly named: string[] | null } | Refusal {
  if (names === null) return { named: null };
  const found = new Set<string>();
  for (const name of names) {
    const team = namedTeam(board, name, "teams");
    if (isRefused(team)) return team;
    found.add(team.team);
  }
  return { named: [...found].sort(compareText) };
}

/** Why none of these keys may become open in the team: one of them leads to another open incident. */
export function keyConflict(board: Board, team: string, incident: Incident): Refusal | undefined {
  for (const key of incident.dedup_keys) {
    const other = board.numberOfKey(team, key);
    if (other !== undefined && other !== incident.number) {
      const detail = `Incident ${other} of the team ${team} is open under the same key "${key}".`;
      return refuse("dedup-key-open", `${detail} Resolve it first, or merge into it.`);
    }
  }
  return undefined;
}

/** Whether what was looked for is a refusal. */
export function isRefused<Found extends object>(found: Found | Refusal): found is Refusal {
  return "code" in found && "detail" in found;
}
