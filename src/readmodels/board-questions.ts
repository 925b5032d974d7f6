import type { Board } from "../../projections/board.ts";
import { compareText } from "../../projections/compare.ts";
import { type HandlerAtWork, handlerAtWork } from "../../projections/handler-at-work.ts";
import type { Incident } from "../../projections/incident.ts";
import { placeInQueue } from "../../projections/place-in-queue.ts";
import { compareInQueue, type Queue, type QueueKey } from "../../projections/queue.ts";
import type { Team } from "../../projections/team.ts";

/** One page of a team's queue. */
export interface QueuePage {
  readonly incidents: readonly Incident[];
  /** The place of the first incident. */
  readonly from_rank: number;
  readonly size: number;
}

/** One page of the handlers, in the order of joining. */
export interface HandlersPage {
  readonly handlers: readonly HandlerAtWork[];
  readonly total: number;
  readonly is_end: boolean;
}

/** One page of the teams, by name. */
export interface TeamsPage {
  readonly teams: readonly Team[];
  readonly total: number;
  readonly is_end: boolean;
}

/**
 * What is asked of a board, the present one or a past one. Questions and answers are plain data, so that they can be put to
 * a board in another thread. Null where what is named does not exist.
 */
export const boardQuestions = {
  queue: (board: Board, { team, after, limit }: { team: string; after: QueueKey | null; limit: number }) => {
    const found = board.findTeam(team);
    return found === undefined ? null : queuePage(board.queueOf(found.team), after, limit);
  },

  handlers: (board: Board, query: { team: string | null; after: number; limit: number }): HandlersPage | null => {
    const team = query.team === null ? null : board.findTeam(query.team);
    if (team === undefined) return null;
    const all = team === null ? inAnyTeam(board) : board.handlersOf(team.team);
    const rest = all.filter((handler) => handler.joined_position > query.after);
    const handlers = rest.slice(0, query.limit).map((handler) => handlerAtWork(board, handler));
    return { handlers, total: all.length, is_end: rest.length <= query.limit };
  },

  handler: (board: Board, { handler }: { handler: string }): HandlerAtWork | null => {
    const found = board.findHandler(handler);
    return found === undefined ? null : handlerAtWork(board, found);
  },

  teams: (board: Board, { after, limit }: { after: string; limit: number }): TeamsPage => {
    const all = [...board.teams.values()].sort((a, b) => compareText(a.team, b.team));
    const rest = all.filter(({ team }) => team > after);
    return { teams: rest.slice(0, limit), total: all.length, is_end: rest.length <= limit };
  },

  team: (board: Board, { team }: { team: string }): Team | null => board.findTeam(team) ?? null,

  rank: (board: Board, { number }: { number: number }): number | null => {
    const incident = board.incidents.get(number);
    return incident === undefined ? null : board.queuePositionOf(incident);
  },

  place: (board: Board, { number }: { number: number }) => placeInQueue(board, number),
};

/** The questions there are, by name. */
export type BoardQuestions = typeof boardQuestions;

/** What a question asks for. */
export type QueryOf<Name extends keyof BoardQuestions> = Parameters<BoardQuestions[Name]>[1];

/** What a question is answered with. */
export type AnswerOf<Name extends keyof BoardQuestions> = ReturnType<BoardQuestions[Name]>;

/** Puts a question to a board. */
export function askBoard<Name extends keyof BoardQuestions>(
  board: Board,
  question: Name,
  query: QueryOf<Name>,
): AnswerOf<Name> {
  const ask = boardQuestions[question] as (board: Board, query: QueryOf<Name>) => AnswerOf<Name>;
  return ask(board, query);
}

/** Those in a team, in the order of joining. */
function inAnyTeam(board: Board) {
  const all = [...board.handlers.values()].filter((handler) => handler.team !== null);
  return all.sort((a, b) => a.joined_position - b.joined_position);
}

function queuePage(queue: Queue, after: QueueKey | null, limit: number): QueuePage {
  const from_rank = after === null ? 1 : rankAfter(queue, after);
  return { incidents: queue.page(from_rank, limit), from_rank, size: queue.size };
}

/** The place of the first incident that comes after the key, whether or not the key itself still waits. */
function rankAfter(queue: Queue, key: QueueKey): number {
  let low = 1;
  let high = queue.size + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [incident] = queue.page(middle, 1);
    if (incident !== undefined && compareInQueue(incident, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
