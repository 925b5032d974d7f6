import { incidentStream } from "../../events/stream.ts";
import type { Incident } from "../../projections/incident.ts";
import { foldIncident } from "../../projections/incident-fold.ts";
import type { Ledger } from "../ledger/ledger.ts";

const page = 1000;

/** An incident folded from its own events, up to a position; null where there is none by then. */
export async function storedIncident(ledger: Ledger, number: number, until?: number): Promise<Incident | null> {
  const stream = incidentStream(number);
  let incident: Incident | null = null;
  let after = 0;
  for (;;) {
    const events = await ledger.read({ stream, after, limit: page, ...(until === undefined ? {} : { until }) });
    for (const event of events) {
      incident = foldIncident(incident, event);
      after = event.position;
    }
    if (events.length < page) return incident;
  }
}
