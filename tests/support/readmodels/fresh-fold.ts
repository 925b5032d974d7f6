import { incidentOfStream } from "../../../events/stream.ts";
import type { Incident } from "../../../projections/incident.ts";
import { foldListed, isListed, type ListedIncident } from "../../../projections/incident-list.ts";
import { compareInQueue } from "../../../projections/queue.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import type { ListQuery } from "../../../src/readmodels/list-query.ts";

/** All incidents of a ledger, folded from the first event in the simplest way. Erased texts are gone already. */
export async function freshFold(ledger: Ledger): Promise<ListedIncident[]> {
  const all = new Map<number, ListedIncident | null>();
  for (let after = 0; ; ) {
    const page = await ledger.read({ after });
    for (const event of page) {
      const number = incidentOfStream(event.stream);
      if (number !== null) all.set(number, foldListed(all.get(number) ?? null, event));
      after = event.position;
    }
    if (page.length === 0) return [...all.values()].filter((listed) => isListed(listed));
  }
}

/** The numbers that a query must give, in order, filtered and sorted in the simplest way. */
export function expectedNumbers(all: readonly ListedIncident[], query: Omit<ListQuery, "limit">): number[] {
  const sort = query.sort ?? "-number";
  const incidents = all.map(({ incident }) => incident).filter((incident) => matches(incident, query));
  incidents.sort((a, b) => (sort.startsWith("-") ? -1 : 1) * compare(a, b, sort.replace("-", "")));
  return incidents.map(({ number }) => number);
}

/** A pending incident's rank in its team's queue, counted in the simplest way. */
export function expectedRank(all: readonly ListedIncident[], incident: Incident): number | null {
  if (incident.status !== "pending") return null;
  const queue = all
    .map((listed) => listed.incident)
    .filter((other) => other.status === "pending" && other.team === incident.team);
  return queue.filter((other) => compareInQueue(other, incident) < 0).length + 1;
}

function compare(a: Incident, b: Incident, by: string): number {
  if (by === "severity" && a.severity !== b.severity) return a.severity - b.severity;
  if (by !== "number" && a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return a.number - b.number;
}

function matches(incident: Incident, query: Omit<ListQuery, "limit">): boolean {
  const open = ["pending", "assigned", "acknowledged", "snoozed"].includes(incident.status);
  const { status, severity, labels = [], reported_after, reported_before } = query;
  return (
    (status === undefined || status.some((word) => word === incident.status || (word === "open" && open))) &&
    (severity === undefined || severity.includes(incident.severity)) &&
    (query.team === undefined || query.team === incident.team) &&
    (query.assigned_to === undefined || query.assigned_to === incident.assigned_to) &&
    (query.type === undefined || query.type === incident.type) &&
    (query.source === undefined || query.source === incident.source) &&
    labels.every(({ key, value }) => Object.hasOwn(incident.labels, key) && incident.labels[key] === value) &&
    (reported_after === undefined || incident.reported_at >= reported_after) &&
    (reported_before === undefined || incident.reported_at < reported_before)
  );
}
