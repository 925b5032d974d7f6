import type { Board } from "../../projections/board.ts";
import type { Incident, Status } from "../../projections/incident.ts";
import { table } from "./print.ts";

/** A board, and what else `replay` prints of it. */
export interface BoardReport {
  readonly board: Board;
  /** The teams to print, in order. */
  readonly teams: readonly string[];
  readonly counts: Readonly<Record<Status, number>>;
  /** The ledger's hash at the board's position. */
  readonly hash: string;
  /** Where the ledger ended when the replay began. */
  readonly head_position: number;
  readonly state_hash: string;
}

/** The report as one JSON document. */
export function boardDocument({ board, teams, counts, hash, head_position, state_hash }: BoardReport) {
  return {
    ledger_id: board.ledger_id,
    position: board.position,
    hash,
    recorded_at: board.last_commit_at,
    head_position,
    rules: board.rules,
    state_hash,
    incidents: counts,
    teams: teams.map((team) => ({
      team,
      queue: [...board.queueOf(team).inOrder()].map((incident, index) => queued(incident, index + 1)),
      handlers: workload(board, team),
    })),
  };
}

function queued({ number, incident_id, severity, type, timestamp }: Incident, queue_position: number) {
  return { queue_position, number, incident_id, severity, type, timestamp };
}

function workload(board: Board, team: string) {
  return board.handlersOf(team).map((handler) => {
    const active = board.activeOf(handler.handler_id);
    return {
      handler_id: handler.handler_id,
      capacity: handler.capacity,
      active,
      free: Math.max(0, handler.capacity - active),
      available: handler.available,
      turns: handler.turns,
      assignments: handler.assignments,
      last_assigned_at: handler.last_assigned_at,
      incidents: board.workOf(handler.handler_id),
    };
  });
}

/** How many places of a queue people are shown. */
export const shownPlaces = 50;

/** The report for people. `titles`: those of the incidents in the places that are shown, by number. */
export function* boardLines(report: BoardReport, titles: ReadonlyMap<number, string>): Generator<string> {
  const { board, teams, counts, hash, head_position, state_hash } = report;
  const isHead = board.position >= head_position;
  yield `Ledger ${board.ledger_id} at position ${board.position}${isHead ? ", its head" : ` of ${head_position}`}`;
  yield `recorded    ${board.last_commit_at} under rules ${board.rules}`;
  yield `hash        ${hash}`;
  yield `state hash  ${state_hash}`;
  yield "";
  yield* table(
    ["status", "incidents"],
    Object.entries(counts).filter(([, count]) => count > 0),
  );
  for (const team of teams) yield* teamLines(board, team, titles);
}

function* teamLines(board: Board, team: string, titles: ReadonlyMap<number, string>): Generator<string> {
  const queue = board.queueOf(team);
  yield "";
  yield queue.size === 0 ? `Queue of ${team}: nobody waits` : `Queue of ${team}`;
  if (queue.size > 0) {
    const rows = queue.page(1, shownPlaces).map((incident, index) => {
      const { number, severity, timestamp, type } = incident;
      return [index + 1, number, severity, timestamp, type, titles.get(number) ?? null];
    });
    yield* table(["place", "number", "severity", "timestamp", "type", "title"], rows);
    if (queue.size > rows.length) yield `and ${queue.size - rows.length} more (--json lists them all)`;
  }
  yield "";
  const handlers = workload(board, team);
  yield handlers.length === 0 ? `Workload of ${team}: nobody is in the team` : `Workload of ${team}`;
  if (handlers.length === 0) return;
  const rows = handlers.map((handler) => [
    handler.handler_id,
    handler.active,
    handler.capacity,
    handler.available,
    handler.turns,
    handler.assignments,
    handler.incidents.length === 0 ? null : handler.incidents.join(" "),
  ]);
  yield* table(["handler", "active", "capacity", "available", "turns", "assignments", "incidents"], rows);
}
