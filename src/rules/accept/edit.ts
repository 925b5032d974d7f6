import { type Incident, isOpen } from "../../../projections/incident.ts";
import type { Labels, Update } from "../commands.ts";
import { incidentFact, present, textOf } from "../new-event.ts";
import type { Step } from "./step.ts";
import { illegal } from "./transitions.ts";

/** Changes what describes an incident. Texts are not on the board, so that an equal text is recorded as well. */
export function edit(command: Update): Step {
  return ({ reason }, incident) => {
    const type = command.type === incident.type ? undefined : command.type;
    const labels = isSame(command.labels, incident.labels) ? undefined : command.labels;
    const texts = textOf({
      title: command.title,
      description: command.description,
      links: command.links,
      resolution: willBeResolved(command, incident) ? undefined : command.resolution,
    });
    if (type === undefined && labels === undefined && texts === undefined) return [];
    if (incident.status === "merged") return illegal(incident, "edited");
    if (type !== undefined && !isOpen(incident.status)) return illegal(incident, "given another type");
    const text = texts === undefined && reason === undefined ? undefined : { ...texts, ...present({ reason }) };
    return [incidentFact(incident.number, "incident.edited", present({ type, labels }), text)];
  };
}

/** Whether a later step of the same command records the resolution with the event that resolves. */
function willBeResolved({ status }: Update, incident: Incident): boolean {
  return (status === "resolved" || status === "closed") && isOpen(incident.status);
}

function isSame(wanted: Labels | undefined, now: Labels): boolean {
  if (wanted === undefined) return true;
  const keys = Object.keys(wanted);
  return keys.length === Object.keys(now).length && keys.every((key) => now[key] === wanted[key]);
}
