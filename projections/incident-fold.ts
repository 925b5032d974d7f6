import type { RecordedEvent } from "../events/recorded-event.ts";
import type { Incident } from "./incident.ts";
import { changeOf } from "./incident-change.ts";

/**
 * Folds one event of the incident's own stream. It accepts every recorded event. The result is null only where
 * nothing is known of the incident yet and the event does not tell it whole.
 */
export function foldIncident(before: Incident | null, event: RecordedEvent): Incident | null {
  if (event.type === "incident.reported") return reported(event);
  if (event.type === "incident.reopened") return reopened(event);
  if (before === null) return null;
  return { ...before, ...changeOf(before, event), version: event.version, updated_at: event.recorded_at };
}

// One literal with every field, rather than spreads: this runs for every report, and objects of one shape are fast.
function reported(event: RecordedEvent<"incident.reported">): Incident {
  const { data, recorded_at } = event;
  return begun(event, data.dedup_key === undefined ? [] : [data.dedup_key], data.labels ?? {}, recorded_at);
}

function reopened(event: RecordedEvent<"incident.reopened">): Incident {
  const { data } = event;
  const { repeats, responders, last_repeated_at } = data;
  const begins = begun(event, data.dedup_keys, data.labels, data.reported_at);
  return { ...begins, repeats, responders, last_repeated_at: last_repeated_at ?? null };
}

/** An incident as it begins, for the first time or anew: pending, and nobody's. */
function begun(
  { data, version, recorded_at }: RecordedEvent<"incident.reported" | "incident.reopened">,
  dedup_keys: readonly string[],
  labels: Readonly<Record<string, string>>,
  reported_at: string,
): Incident {
  return {
    incident_id: data.incident_id,
    number: data.number,
    version,
    team: data.team,
    type: data.type ?? null,
    severity: data.severity,
    status: "pending",
    assigned_to: null,
    timestamp: data.timestamp,
    claimed_at: data.claimed_at ?? null,
    source: data.source ?? null,
    dedup_key: data.dedup_key ?? null,
    dedup_keys,
    labels,
    repeats: 0,
    last_repeated_at: null,
    responders: [],
    reported_at,
    assigned_at: null,
    acknowledged_at: null,
    acknowledged_by: null,
    snoozed_until: null,
    snoozed_from: null,
    resolved_at: null,
    closed_at: null,
    merged_into: null,
    updated_at: recorded_at,
    had_by: [],
  };
}

/** What a `reopened` event carries of an incident: all that folding it needs. */
export function reopenedData(incident: Incident): RecordedEvent<"incident.reopened">["data"] {
  return {
    incident_id: incident.incident_id,
    number: incident.number,
    team: incident.team,
    ...(incident.type === null ? {} : { type: incident.type }),
    severity: incident.severity,
    timestamp: incident.timestamp,
    ...(incident.claimed_at === null ? {} : { claimed_at: incident.claimed_at }),
    reported_at: incident.reported_at,
    ...(incident.source === null ? {} : { source: incident.source }),
    ...(incident.dedup_key === null ? {} : { dedup_key: incident.dedup_key }),
    dedup_keys: [...incident.dedup_keys],
    labels: incident.labels,
    repeats: incident.repeats,
    ...(incident.last_repeated_at === null ? {} : { last_repeated_at: incident.last_repeated_at }),
    responders: [...incident.responders],
  };
}
