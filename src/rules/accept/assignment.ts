import type { Board } from "../../../projections/board.ts";
import { isOpen } from "../../../projections/incident.ts";
import { incidentFact, present, textOf } from "../new-event.ts";
import { refuse } from "./accepted.ts";
import { handlerOfTeam, isRefused } from "./references.ts";
import type { Step } from "./step.ts";
import { illegal } from "./transitions.ts";

/** Rule 8: by hand, to any handler of the team, busy or not; to one who is unavailable only by force. */
export function assign(handler_id: string, force: boolean, field: string): Step {
  return ({ board, reason, word }, incident) => {
    if (!isOpen(incident.status)) return illegal(incident, "assigned");
    const handler = handlerOfTeam(board, incident.team, handler_id, field);
    if (isRefused(handler)) return handler;
    if (incident.assigned_to === handler.handler_id) return [];
    if (!handler.available && !force) {
      const detail = `${handler.handler_id} is unavailable. Say "force": true to hand it over all the same.`;
      return refuse("handler-unavailable", detail, field);
    }
    const data = { handler: handler.handler_id, from: incident.assigned_to, ...present({ word }) };
    return [incidentFact(incident.number, "incident.handed-over", data, textOf({ reason }))];
  };
}

/** Rule 8: hands it back to the queue; of a sleeping one, forgets to whom it would return. */
export const unassign: Step = ({ reason, word }, incident) => {
  const { number, assigned_to, snoozed_from } = incident;
  switch (incident.status) {
    case "pending":
      return [];
    case "assigned":
    case "acknowledged": {
      const data = { handler: assigned_to, ...present({ word }) };
      return [incidentFact(number, "incident.handed-back", data, textOf({ reason }))];
    }
    case "snoozed":
      if (snoozed_from === null) return [];
      return [incidentFact(number, "incident.return-forgotten", { handler: snoozed_from }, textOf({ reason }))];
    default:
      return illegal(incident, "unassigned");
  }
};

/** The handler as whom a user who signed in takes incidents of the team, if there is one. */
function ownHandler(board: Board, actor: string, team: string): string | undefined {
  if (!actor.startsWith("user:")) return undefined;
  const handler = board.users.get(Number(actor.slice("user:".length)))?.handler ?? null;
  return handler !== null && board.findHandler(handler)?.team === team ? handler : undefined;
}

/** Rule 10: somebody says that it is seen to. A handler of the team who is named, or who says so, takes what nobody has. */
export function acknowledge(handler_id: string | undefined): Step {
  return ({ board, context, word }, incident) => {
    if (!isOpen(incident.status)) return illegal(incident, "acknowledged");
    const own = handler_id ?? ownHandler(board, context.actor, incident.team);
    const handler = own === undefined ? null : handlerOfTeam(board, incident.team, own, "handler");
    if (handler !== null && isRefused(handler)) return handler;
    const isSettled = incident.assigned_to !== null || handler === null;
    if (incident.status === "acknowledged" && isSettled) return [];
    const data = { by: context.actor, handler: handler?.handler_id ?? null, ...present({ word }) };
    return [incidentFact(incident.number, "incident.acknowledged", data)];
  };
}
