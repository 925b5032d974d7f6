import type { RecordedEvent } from "../events/recorded-event.ts";
import type { Incident } from "./incident.ts";

/**
 * What the statistics need to know of one incident beside its present state: a fold of its own events. Times are those at
 * which events were recorded, never the `timestamp` that a sender gave; no duration is below zero.
 */
export interface IncidentMeasures {
  /** From the report to the first acknowledgement ever; null: it never had one. */
  readonly acknowledge_ms: number | null;
  /** From the report to the last resolution, as long as it was not reopened since; null where it was reported as done. */
  readonly resolve_ms: number | null;
  /** How long it was pending, all stays that have ended together; null: none has. */
  readonly queue_ms: number | null;
  /** Since when it is pending, in milliseconds since 1970, or null. */
  readonly pending_since_ms: number | null;
  /** The position of the last event of the report's commit, until that is past. */
  readonly report_ends: number | null;
  /** It arrived as resolved or closed. */
  readonly reported_resolved: boolean;
  /** How often it had to wait: it became pending, and nobody had room. */
  readonly queued: number;
  readonly reopenings: number;
  /** How often it was taken from somebody and given to another by hand. */
  readonly handed_over: number;
  /** How often it was taken from somebody and given to another by the rules, because they did not react. */
  readonly rerouted: number;
  /** How often it was taken from somebody and put back into the queue. */
  readonly handed_back: number;
  readonly raised_by_hand: number;
  readonly raised_by_rule: number;
}

/** An incident of which nothing but its report is known. */
interface Begun {
  readonly incident: Incident;
  readonly measures: IncidentMeasures;
}

/**
 * Folds one event of the incident's own stream. `before` is what the incident was before it, `after` what the fold of
 * incidents made of it.
 */
export function foldMeasures(before: Begun | null, after: Incident, event: RecordedEvent): IncidentMeasures {
  if (before === null || event.type === "incident.reported") return begun(event);
  const { measures } = before;
  const isPending = after.status === "pending";
  const wasPending = before.incident.status === "pending";
  const is_report = measures.report_ends !== null && event.position <= measures.report_ends;
  const counted = countsOf(measures, before.incident, event, is_report);
  const report_ends = is_report ? measures.report_ends : null;
  // Most events change nothing here.
  if (counted === null && isPending === wasPending && report_ends === measures.report_ends) return measures;
  const at_ms = Date.parse(event.recorded_at);
  return {
    ...measures,
    report_ends,
    ...counted,
    ...(isPending === wasPending
      ? {}
      : isPending
        ? { pending_since_ms: at_ms }
        : left(measures, at_ms, is_report, event)),
  };
}

function begun(event: RecordedEvent): IncidentMeasures {
  const { position, meta, recorded_at } = event;
  return {
    acknowledge_ms: null,
    resolve_ms: null,
    queue_ms: null,
    pending_since_ms: Date.parse(recorded_at),
    report_ends: position - meta.offset + meta.events - 1,
    reported_resolved: false,
    queued: 0,
    reopenings: 0,
    handed_over: 0,
    rerouted: 0,
    handed_back: 0,
    raised_by_hand: 0,
    raised_by_rule: 0,
  };
}

/** The end of a stay in the queue. What was reported as done has never been in it. */
function left(
  measures: IncidentMeasures,
  at_ms: number,
  is_report: boolean,
  event: RecordedEvent,
): Partial<IncidentMeasures> {
  if (is_report && event.type === "incident.resolved") return { pending_since_ms: null };
  const stay_ms = Math.max(0, at_ms - (measures.pending_since_ms ?? at_ms));
  return { pending_since_ms: null, queue_ms: (measures.queue_ms ?? 0) + stay_ms };
}

/** What an event counts for by itself; null: nothing. */
function countsOf(
  measures: IncidentMeasures,
  before: Incident,
  event: RecordedEvent,
  is_report: boolean,
): Partial<IncidentMeasures> | null {
  switch (event.type) {
    case "incident.queued":
      return { queued: measures.queued + 1 };
    case "incident.acknowledged":
      return measures.acknowledge_ms === null ? { acknowledge_ms: sinceReport(before, event) } : null;
    case "incident.resolved":
      return is_report ? { reported_resolved: true } : { resolve_ms: sinceReport(before, event) };
    case "incident.reopened":
      return { reopenings: measures.reopenings + 1, resolve_ms: null };
    case "incident.handed-over":
      return event.data.from === null ? null : { handed_over: measures.handed_over + 1 };
    case "incident.rerouted":
      return event.data.from === null ? null : { rerouted: measures.rerouted + 1 };
    case "incident.handed-back":
      return event.data.handler === null ? null : { handed_back: measures.handed_back + 1 };
    case "incident.severity-changed":
      return event.data.to < event.data.from ? { raised_by_hand: measures.raised_by_hand + 1 } : null;
    case "incident.severity-raised":
      return event.data.to < event.data.from ? { raised_by_rule: measures.raised_by_rule + 1 } : null;
    default:
      return null;
  }
}

function sinceReport(incident: Incident, event: RecordedEvent): number {
  return Math.max(0, Date.parse(event.recorded_at) - Date.parse(incident.reported_at));
}
