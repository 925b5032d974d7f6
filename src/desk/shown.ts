import type { Board } from "../../projections/board.ts";
import { type HandlerAtWork, handlerAtWork } from "../../projections/handler-at-work.ts";
import type { Incident } from "../../projections/incident.ts";
import type { Team } from "../../projections/team.ts";
import type { Command } from "../rules/commands.ts";

/** What a command concerned, as it left it. */
export interface Shown {
  /** The last position of its commit; where it wrote nothing, the position at which it was decided. */
  readonly position: number;
  /** The incident; null for handlers, teams and the time. */
  readonly incident: Incident | null;
  /** That incident's place in its queue just then, or null. */
  readonly queue_position: number | null;
  /** The handler who was added, changed or removed, else null. Null in a stored outcome, too: the board as of `position` has them. */
  readonly handler: HandlerAtWork | null;
  /** The team that was created or changed, else null. Null in a stored outcome, too: the board as of `position` has it. */
  readonly team: Team | null;
}

/** Takes from the board what a command has just concerned; `number` is its incident's, or null. */
export function shownOn(board: Board, command: Command, number: number | null): Shown {
  const incident = number === null ? null : (board.incident(number) ?? null);
  const queue_position = incident === null ? null : board.queuePositionOf(incident);
  return { position: board.position, incident, queue_position, ...peopleShown(board, command) };
}

function peopleShown(board: Board, command: Command): Pick<Shown, "handler" | "team"> {
  switch (command.kind) {
    case "add-handler":
    case "change-handler":
    case "remove-handler": {
      const handler = board.findHandler(command.handler);
      return { handler: handler === undefined ? null : handlerAtWork(board, handler), team: null };
    }
    case "create-team":
    case "change-team":
      return { handler: null, team: board.findTeam(command.team) ?? null };
    default:
      return { handler: null, team: null };
  }
}
