import type { Incident } from "../../projections/incident.ts";
import { compareInQueue } from "../../projections/queue.ts";
import type { ListConnection } from "./list-connection.ts";

/**
 * The places of pending incidents in their teams' queues, by number; 1 is the head. Each team's queue is read once, up to
 * the last of them, from a small index in the queue's own order.
 */
export function queueRanks(connection: ListConnection, incidents: readonly Incident[]): Map<number, number> {
  const ranks = new Map<number, number>();
  const pending = incidents.filter((incident) => incident.status === "pending");
  for (const team of new Set(pending.map((incident) => incident.team))) {
    let rank = 1;
    let from = [0, "", 0];
    for (const incident of pending.filter((each) => each.team === team).sort(compareInQueue)) {
      const key = [incident.severity, incident.timestamp, incident.number];
      rank += connection.number(
        `SELECT count(*) AS n FROM incidents INDEXED BY pending_by_team WHERE status = 'pending' AND team = ?
         AND (severity, timestamp, sequence) >= (?, ?, ?) AND (severity, timestamp, sequence) < (?, ?, ?)`,
        [team, ...from, ...key],
      );
      ranks.set(incident.number, rank);
      from = key;
    }
  }
  return ranks;
}
