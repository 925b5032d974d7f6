import type { IncidentMeasures } from "../../../projections/incident-measures.ts";

/** `IncidentMeasures` in a fixed order, as the state of a row keeps them: half the bytes of an object with names. */
export type PackedMeasures = readonly (number | null)[];

/** The measures of an incident in few bytes of JSON. */
export function packMeasures(measures: IncidentMeasures): PackedMeasures {
  return [
    measures.acknowledge_ms,
    measures.resolve_ms,
    measures.queue_ms,
    measures.pending_since_ms,
    measures.report_ends,
    measures.reported_resolved ? 1 : 0,
    measures.queued,
    measures.reopenings,
    measures.handed_over,
    measures.rerouted,
    measures.handed_back,
    measures.raised_by_hand,
    measures.raised_by_rule,
  ];
}

/** What `packMeasures` packed. */
export function unpackMeasures(packed: PackedMeasures): IncidentMeasures {
  return {
    acknowledge_ms: packed[0] ?? null,
    resolve_ms: packed[1] ?? null,
    queue_ms: packed[2] ?? null,
    pending_since_ms: packed[3] ?? null,
    report_ends: packed[4] ?? null,
    reported_resolved: packed[5] === 1,
    queued: packed[6] ?? 0,
    reopenings: packed[7] ?? 0,
    handed_over: packed[8] ?? 0,
    rerouted: packed[9] ?? 0,
    handed_back: packed[10] ?? 0,
    raised_by_hand: packed[11] ?? 0,
    raised_by_rule: packed[12] ?? 0,
  };
}
