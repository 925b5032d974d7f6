import type { RecordedEvent } from "../events/recorded-event.ts";
import type { Incident } from "./incident.ts";

/** What an incident looks like that nobody has. */
const unheld = {
  assigned_to: null,
  assigned_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  snoozed_until: null,
  snoozed_from: null,
} as const;

/** What one event changes about an incident, its version and time of change aside. */
export function changeOf(before: Incident, event: RecordedEvent): Partial<Incident> {
  switch (event.type) {
    case "incident.repeated":
      return { repeats: before.repeats + 1, last_repeated_at: event.recorded_at };
    case "incident.edited":
      return {
        ...(event.data.type === undefined ? {} : { type: event.data.type }),
        ...(event.data.labels === undefined ? {} : { labels: event.data.labels }),
      };
    case "incident.severity-changed":
    case "incident.severity-raised":
      return event.data.to < event.data.from
        ? { severity: event.data.to, had_by: holdersFrom(before) }
        : { severity: event.data.to };
    case "incident.assigned":
    case "incident.handed-over":
    case "incident.rerouted":
      return given(before, event.data.handler, event.recorded_at);
    case "incident.woken":
      return event.data.handler === null
        ? { ...unheld, status: "pending" }
        : given(before, event.data.handler, event.recorded_at);
    case "incident.handed-back":
      return { ...unheld, status: "pending" };
    case "incident.return-forgotten":
      return { snoozed_from: null };
    case "incident.acknowledged":
      return acknowledged(before, event);
    case "incident.snoozed":
      return { ...unheld, status: "snoozed", snoozed_until: event.data.until, snoozed_from: event.data.from };
    case "incident.moved":
      return before.status === "snoozed"
        ? { team: event.data.to, snoozed_from: null, had_by: [] }
        : { ...unheld, team: event.data.to, status: "pending", had_by: [] };
    case "incident.resolved":
      return { status: "resolved", resolved_at: event.recorded_at, snoozed_until: null, snoozed_from: null };
    case "incident.dismissed":
      return { status: "dismissed", snoozed_until: null, snoozed_from: null };
    case "incident.closed":
    case "incident.auto-closed":
      return { status: "closed", closed_at: event.recorded_at };
    case "incident.merged":
      return { status: "merged", merged_into: event.data.into, snoozed_until: null, snoozed_from: null };
    case "incident.absorbed":
      return { dedup_keys: union(before.dedup_keys, event.data.keys) };
    case "incident.deleted":
      return { status: "deleted", snoozed_until: null, snoozed_from: null };
    case "incident.responder-added":
      return { responders: union(before.responders, [event.data.responder]) };
    default:
      return {};
  }
}

function given(before: Incident, handler: string, at: string): Partial<Incident> {
  return {
    ...unheld,
    status: "assigned",
    assigned_to: handler,
    assigned_at: at,
    had_by: union(before.had_by, [handler]),
  };
}

/** Whoever has it keeps it; where nobody has it, it becomes the named handler's, if one is named. */
function acknowledged(before: Incident, event: RecordedEvent<"incident.acknowledged">): Partial<Incident> {
  const { by, handler } = event.data;
  const holder = before.assigned_to ?? handler;
  return {
    status: "acknowledged",
    assigned_to: holder,
    assigned_at: before.assigned_to === null && holder !== null ? event.recorded_at : before.assigned_at,
    acknowledged_at: event.recorded_at,
    acknowledged_by: handler ?? by,
    snoozed_until: null,
    snoozed_from: null,
    had_by: holder === null ? [] : [holder],
  };
}

function holdersFrom(incident: Incident): readonly string[] {
  return incident.assigned_to === null ? [] : [incident.assigned_to];
}

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  const added = more.filter((one, index) => !some.includes(one) && more.indexOf(one) === index);
  return added.length === 0 ? some : [...some, ...added];
}
