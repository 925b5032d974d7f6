import type { AccessKey, User } from "./access.ts";
import type { AgendaItem } from "./agenda.ts";
import { type AwaitingClose, Board } from "./board.ts";
import { compareText } from "./compare.ts";
import type { Handler } from "./handler.ts";
import { bearerOf, type Incident } from "./incident.ts";
import type { Team } from "./team.ts";

/** The number of the shape of `BoardState`. A snapshot of another one is not read. */
export const boardFormat = 1;

/** The board as plain JSON, every collection sorted by its key: what snapshots hold and the state hash covers. */
export interface BoardState {
  readonly format: number;
  readonly ledger_id: string;
  readonly position: number;
  readonly rules: number;
  readonly ledger_version: number;
  readonly last_incident: number;
  readonly last_commit_at: string;
  readonly incidents: readonly Incident[];
  readonly resolved: readonly AwaitingClose[];
  readonly handlers: readonly Handler[];
  readonly teams: readonly Team[];
  readonly agenda: readonly AgendaItem[];
  /** Left out where there is none: so the state of a ledger from before there were any is what it was. */
  readonly users?: readonly User[];
  /** Left out where there is none, for the same reason. */
  readonly keys?: readonly AccessKey[];
}

/** The board's state, scratch and what lies beside it left out. */
export function boardState(board: Board): BoardState {
  return {
    format: boardFormat,
    ledger_id: board.ledger_id,
    position: board.position,
    rules: board.rules,
    ledger_version: board.ledger_version,
    last_incident: board.last_incident,
    last_commit_at: board.last_commit_at,
    incidents: [...board.incidents.values()].sort(byNumber),
    resolved: [...board.resolved.values()].sort(byNumber),
    handlers: [...board.handlers.values()].sort((a, b) => compareText(a.handler_id, b.handler_id)),
    teams: [...board.teams.values()].sort((a, b) => compareText(a.team, b.team)),
    agenda: [...board.agenda.inOrder()],
    ...(board.users.size === 0 ? {} : { users: [...board.users.values()].sort((a, b) => a.user - b.user) }),
    ...(board.keys.size === 0 ? {} : { keys: [...board.keys.values()].sort((a, b) => a.key - b.key) }),
  };
}

/** The board of a state. Every index is built anew. Throws where the format is another one. */
export function boardFromState(state: BoardState): Board {
  if (state.format !== boardFormat) throw new Error(`a board of format ${state.format} cannot be read by this build`);
  const board = new Board();
  board.ledger_id = state.ledger_id;
  board.position = state.position;
  board.rules = state.rules;
  board.ledger_version = state.ledger_version;
  board.last_incident = state.last_incident;
  board.last_commit_at = state.last_commit_at;
  for (const team of state.teams) board.teams.set(team.team, team);
  for (const handler of state.handlers) board.workload.put(handler);
  for (const incident of state.incidents) {
    board.putOpen(null, incident);
    const bearer = bearerOf(incident);
    if (bearer !== null) board.workload.take(bearer, incident.number);
  }
  for (const awaiting of state.resolved) board.resolved.set(awaiting.number, awaiting);
  for (const user of state.users ?? []) board.users.set(user.user, user);
  for (const key of state.keys ?? []) board.keys.set(key.key, key);
  for (const item of state.agenda) board.agenda.set(item);
  return board;
}

function byNumber(a: { readonly number: number }, b: { readonly number: number }): number {
  return a.number - b.number;
}
