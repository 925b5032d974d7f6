import { isOpen } from "../../../projections/incident.ts";
import { reopenedData } from "../../../projections/incident-fold.ts";
import { incidentFact, present, textOf } from "../new-event.ts";
import { keyConflict } from "./references.ts";
import type { Step } from "./step.ts";
import { illegal } from "./transitions.ts";

/** The work is done. */
export function resolve(resolution: string | undefined): Step {
  return ({ reason, word }, incident) => {
    if (incident.status === "resolved") return [];
    if (!isOpen(incident.status)) return illegal(incident, "resolved");
    const text = textOf({ resolution, reason });
    return [incidentFact(incident.number, "incident.resolved", present({ word }), text)];
  };
}

/** Finished for the books; an open one is resolved in the same commit. */
export function close(resolution: string | undefined): Step {
  return ({ reason, word }, incident) => {
    if (incident.status === "closed") return [];
    const closed = incidentFact(incident.number, "incident.closed", present({ word }), textOf({ reason }));
    if (incident.status === "resolved") return [closed];
    if (!isOpen(incident.status)) return illegal(incident, "closed");
    return [incidentFact(incident.number, "incident.resolved", {}, textOf({ resolution })), closed];
  };
}

/** A false alarm. */
export const dismiss: Step = ({ reason, word }, incident) => {
  if (incident.status === "dismissed") return [];
  if (!isOpen(incident.status)) return illegal(incident, "dismissed");
  return [incidentFact(incident.number, "incident.dismissed", present({ word }), textOf({ reason }))];
};

/** To be worked on again. */
export const reopen: Step = ({ board, reason, word }, incident) => {
  if (isOpen(incident.status)) return [];
  if (incident.status === "merged") return illegal(incident, "reopened");
  const conflict = keyConflict(board, incident.team, incident);
  if (conflict !== undefined) return conflict;
  const data = { ...reopenedData(incident), ...present({ word }) };
  return [incidentFact(incident.number, "incident.reopened", data, textOf({ reason }))];
};

/** A tombstone: gone from everything but the audit. */
export const remove: Step = ({ reason }, incident) => [
  incidentFact(incident.number, "incident.deleted", {}, textOf({ reason })),
];

/** Somebody says something about it. */
export function comment(text: string): Step {
  return (_, incident) => [incidentFact(incident.number, "incident.commented", {}, { text })];
}
