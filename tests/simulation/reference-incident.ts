import type { DataOf, EventName } from "../../events/registry.ts";

/** What happened, as far as the reference needs it: recorded events and expected facts both fit. */
export type Happening = { [N in EventName]: { readonly type: N; readonly data: DataOf<N> } }[EventName];

/** One incident as the reference keeps it. */
export interface ReferenceIncident {
  readonly incident_id: string;
  readonly number: number;
  team: string;
  type: string | null;
  severity: number;
  readonly timestamp: string;
  readonly claimed_at: string | null;
  readonly source: string | null;
  readonly dedup_key: string | null;
  keys: string[];
  labels: Readonly<Record<string, string>>;
  repeats: number;
  last_repeated_at: string | null;
  readonly reported_at: string;
  status: string;
  /** Who has it, or had it when it ended. */
  handler: string | null;
  acknowledged_by: string | null;
  until: string | null;
  /** For whom it sleeps. */
  from: string | null;
  merged_into: number | null;
  /** Who has had it, as far as rule 13 asks. */
  had: string[];
}

export function isOpenStatus(status: string): boolean {
  return ["pending", "assigned", "acknowledged", "snoozed"].includes(status);
}

/** On whom it weighs. */
export function loadedOn({ status, handler }: ReferenceIncident): string | null {
  return status === "assigned" || status === "acknowledged" ? handler : null;
}

export function reportedIncident(data: DataOf<"incident.reported">, at: string): ReferenceIncident {
  return {
    incident_id: data.incident_id,
    number: data.number,
    team: data.team,
    type: data.type ?? null,
    severity: data.severity,
    timestamp: data.timestamp,
    claimed_at: data.claimed_at ?? null,
    source: data.source ?? null,
    dedup_key: data.dedup_key ?? null,
    keys: data.dedup_key === undefined ? [] : [data.dedup_key],
    labels: data.labels ?? {},
    repeats: 0,
    last_repeated_at: null,
    reported_at: at,
    status: "pending",
    handler: null,
    acknowledged_by: null,
    until: null,
    from: null,
    merged_into: null,
    had: [],
  };
}

/** Changes the incident by what happened to it. */
export function change(incident: ReferenceIncident, happening: Happening, at: string): void {
  switch (happening.type) {
    case "incident.repeated":
      incident.repeats += 1;
      incident.last_repeated_at = at;
      return;
    case "incident.edited":
      if (happening.data.type !== undefined) incident.type = happening.data.type;
      if (happening.data.labels !== undefined) incident.labels = happening.data.labels;
      return;
    case "incident.severity-changed":
    case "incident.severity-raised":
      if (happening.data.to < incident.severity) incident.had = incident.handler === null ? [] : [incident.handler];
      incident.severity = happening.data.to;
      return;
    case "incident.assigned":
    case "incident.handed-over":
    case "incident.rerouted":
      give(incident, happening.data.handler);
      return;
    case "incident.woken":
      if (happening.data.handler === null) wait(incident, "pending");
      else give(incident, happening.data.handler);
      return;
    case "incident.handed-back":
      wait(incident, "pending");
      return;
    case "incident.return-forgotten":
      incident.from = null;
      return;
    case "incident.acknowledged":
      incident.status = "acknowledged";
      incident.acknowledged_by = happening.data.handler ?? happening.data.by;
      if (incident.handler === null) incident.handler = happening.data.handler;
      incident.had = incident.handler === null ? [] : [incident.handler];
      incident.until = null;
      incident.from = null;
      return;
    case "incident.snoozed":
      wait(incident, "snoozed");
      incident.until = happening.data.until;
      incident.from = happening.data.from;
      return;
    case "incident.moved":
      incident.team = happening.data.to;
      incident.had = [];
      incident.from = null;
      if (incident.status !== "snoozed") wait(incident, "pending");
      return;
    case "incident.reopened":
      wait(incident, "pending");
      incident.had = [];
      incident.merged_into = null;
      return;
    case "incident.resolved":
      end(incident, "resolved");
      return;
    case "incident.dismissed":
      end(incident, "dismissed");
      return;
    case "incident.merged":
      incident.merged_into = happening.data.into;
      end(incident, "merged");
      return;
    case "incident.deleted":
      end(incident, "deleted");
      return;
    case "incident.closed":
    case "incident.auto-closed":
      incident.status = "closed";
      return;
    case "incident.absorbed":
      for (const key of happening.data.keys) if (!incident.keys.includes(key)) incident.keys = [...incident.keys, key];
      return;
    default:
  }
}

function give(incident: ReferenceIncident, handler: string): void {
  wait(incident, "assigned");
  incident.handler = handler;
  if (!incident.had.includes(handler)) incident.had = [...incident.had, handler];
}

function wait(incident: ReferenceIncident, status: string): void {
  incident.status = status;
  incident.handler = null;
  incident.acknowledged_by = null;
  incident.until = null;
  incident.from = null;
}

function end(incident: ReferenceIncident, status: string): void {
  incident.status = status;
  incident.until = null;
  incident.from = null;
}
