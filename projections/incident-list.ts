import type { RecordedEvent } from "../events/recorded-event.ts";
import type { Incident } from "./incident.ts";
import { foldIncident } from "./incident-fold.ts";
import { foldMeasures, type IncidentMeasures } from "./incident-measures.ts";
import { foldIncidentTexts, type IncidentTexts, noTexts } from "./incident-texts.ts";

/**
 * The list of all incidents as a fold. Whoever changes what `foldIncident`, `foldIncidentTexts` or `foldMeasures` make of
 * an event raises the version: a list that was folded by another version is built anew.
 */
export const incidentListFold = { name: "incident-list", version: 2 } as const;

/** One incident as the list holds it: everything that is known of it, texts and what the statistics measure included. */
export interface ListedIncident {
  readonly incident: Incident;
  readonly texts: IncidentTexts;
  readonly measures: IncidentMeasures;
}

/**
 * Folds one event of the incident's own stream. Null where nothing is known of the incident yet. The texts are right as
 * long as none was erased: whoever sees `text.erased` folds the whole stream again.
 */
export function foldListed(before: ListedIncident | null, event: RecordedEvent): ListedIncident | null {
  const incident = foldIncident(before?.incident ?? null, event);
  if (incident === null) return null;
  return {
    incident,
    texts: foldIncidentTexts(before?.texts ?? noTexts, event),
    measures: foldMeasures(before, incident, event),
  };
}

/** Whether the list shows it: a deleted incident is gone from everything but the audit. */
export function isListed(listed: ListedIncident | null): listed is ListedIncident {
  return listed !== null && listed.incident.status !== "deleted";
}
