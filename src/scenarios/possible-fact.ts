import type { Incident } from "../../projections/incident.ts";
import type { IncidentNames } from "./incident-names.ts";
import type { EventLine } from "./scenario.ts";
import { ScenarioFault } from "./scenario-fault.ts";

const open = ["pending", "assigned", "acknowledged", "snoozed"];
const done = ["resolved", "closed", "dismissed"];

/** In which statuses a fact can have been recorded. Whatever is not named here: only while the incident was open. */
const statusesOfFact: Readonly<Record<string, readonly string[]>> = {
  "incident.handed-back": ["assigned", "acknowledged"],
  "incident.return-forgotten": ["snoozed"],
  "incident.wake-asked": ["snoozed"],
  "incident.closed": ["resolved"],
  "incident.reopened": done,
  "incident.edited": [...open, ...done],
  "incident.commented": [...open, ...done, "merged"],
  "incident.deleted": [...open, ...done, "merged"],
};

/** Refuses a fact of the past that an incident of such a status cannot have had. */
export function checkPossible(line: EventLine, incident: Incident, names: IncidentNames): void {
  if ((statusesOfFact[line.type] ?? open).includes(incident.status)) return;
  const name = names.nameOf(incident.number);
  throw new ScenarioFault(line.line, `${line.type} cannot have happened: ${name} was ${incident.status} just then.`);
}
