import type { RecordedEvent } from "../events/recorded-event.ts";
import type { Incident } from "./incident.ts";
import { foldIncident } from "./incident-fold.ts";

/** Which events of an incident made it what it is. */
export interface Settled<Event extends RecordedEvent = RecordedEvent> {
  readonly incident: Incident | null;
  /** The last one that settled its status. */
  readonly status: Event | null;
  /** The last one that made it its handler's; null where nobody has it, or had it when it ended. */
  readonly assigned_to: Event | null;
  /** The last one that changed its severity; null where that is as it was reported. */
  readonly severity: Event | null;
}

/** What is known before the first event. */
export const nothingSettled: Settled<never> = { incident: null, status: null, assigned_to: null, severity: null };

/** Folds one event of the incident's own stream. */
export function foldSettled<Event extends RecordedEvent>(before: Settled<Event>, event: Event): Settled<Event> {
  const incident = foldIncident(before.incident, event);
  if (incident === null) return before;
  const holder = incident.assigned_to;
  const isGiven = holder !== null && (gives(event) || holder !== before.incident?.assigned_to);
  return {
    incident,
    status: settlesStatus(event, before.incident) ? event : before.status,
    assigned_to: holder === null ? null : isGiven ? event : before.assigned_to,
    severity: changesSeverity(event) ? event : before.severity,
  };
}

/** Whether the event makes the incident somebody's, even where it was theirs before. */
function gives({ type }: RecordedEvent): boolean {
  switch (type) {
    case "incident.assigned":
    case "incident.handed-over":
    case "incident.rerouted":
    case "incident.woken":
      return true;
    default:
      return false;
  }
}

function settlesStatus(event: RecordedEvent, before: Incident | null): boolean {
  switch (event.type) {
    case "incident.reported":
    case "incident.reopened":
    case "incident.queued":
    case "incident.handed-back":
    case "incident.acknowledged":
    case "incident.snoozed":
    case "incident.resolved":
    case "incident.closed":
    case "incident.auto-closed":
    case "incident.dismissed":
    case "incident.merged":
    case "incident.deleted":
      return true;
    case "incident.moved":
      return before?.status !== "snoozed";
    default:
      return gives(event);
  }
}

function changesSeverity({ type }: RecordedEvent): boolean {
  return type === "incident.severity-changed" || type === "incident.severity-raised";
}
