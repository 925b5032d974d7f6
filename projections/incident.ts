/** The statuses of what is still to be worked on. */
export type OpenStatus = "pending" | "assigned" | "acknowledged" | "snoozed";
/** The statuses that an incident can be listed with, in the order of a life. */
export const listedStatuses = [
  "pending",
  "assigned",
  "acknowledged",
  "snoozed",
  "resolved",
  "closed",
  "dismissed",
  "merged",
] as const;

/** All statuses. What is not open has been resolved, closed, dismissed as a false alarm, merged or deleted. */
export type Status = (typeof listedStatuses)[number] | "deleted";

/** One incident: the fold of its own events, texts aside. Times are instants. */
export interface Incident {
  readonly incident_id: string;
  readonly number: number;
  /** How many events it has. */
  readonly version: number;
  readonly team: string;
  readonly type: string | null;
  /** 1 (critical) to 5 (info). */
  readonly severity: number;
  readonly status: Status;
  /**
   * Who has it, or had it when it ended. Null while pending or snoozed, and where somebody who is no handler
   * acknowledged it.
   */
  readonly assigned_to: string | null;
  readonly timestamp: string;
  readonly claimed_at: string | null;
  readonly source: string | null;
  readonly dedup_key: string | null;
  /** All keys whose repeats lead here, the own one first. */
  readonly dedup_keys: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly repeats: number;
  readonly last_repeated_at: string | null;
  readonly responders: readonly string[];
  readonly reported_at: string;
  readonly assigned_at: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  readonly snoozed_until: string | null;
  readonly snoozed_from: string | null;
  readonly resolved_at: string | null;
  readonly closed_at: string | null;
  readonly merged_into: number | null;
  readonly updated_at: string;
  /** Who has had it since its first report, its last reopening, raise or acknowledgement (rule 13). */
  readonly had_by: readonly string[];
}

/** Whether an incident of this status is still to be worked on. */
export function isOpen(status: Status): status is OpenStatus {
  return status === "pending" || status === "assigned" || status === "acknowledged" || status === "snoozed";
}

/** The handler on whom the incident counts as load, or null. */
export function bearerOf(incident: Incident): string | null {
  return incident.status === "assigned" || incident.status === "acknowledged" ? incident.assigned_to : null;
}
