import { isOpen } from "../../../projections/incident.ts";
import { incidentFact, present, textOf } from "../new-event.ts";
import { refuse } from "./accepted.ts";
import type { Step } from "./step.ts";
import { illegal } from "./transitions.ts";

/** Rule 6: a higher severity (a lower number); without one, one step up. */
export function escalate(severity: number | undefined): Step {
  return (situation, incident) => {
    if (!isOpen(incident.status)) return illegal(incident, "escalated");
    const to = severity ?? incident.severity - 1;
    if (to < 1) return refuse("not-higher", `Incident ${incident.number} has severity 1 already: the highest.`);
    if (to >= incident.severity) {
      const detail = `Incident ${incident.number} has severity ${incident.severity}; ${to} is not higher.`;
      return refuse("not-higher", `${detail} Escalate to a lower number, or use an update to lower it.`, "severity");
    }
    return changeSeverity(to)(situation, incident);
  };
}

/** Any severity; an equal one changes nothing. */
export function changeSeverity(to: number): Step {
  return ({ reason, word }, incident) => {
    const { number, severity } = incident;
    if (to === severity) return [];
    if (!isOpen(incident.status)) return illegal(incident, "given another severity");
    const data = { from: severity, to, ...present({ word }) };
    return [incidentFact(number, "incident.severity-changed", data, textOf({ reason }))];
  };
}
