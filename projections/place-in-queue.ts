import { type Alternatives, nobodyFree } from "./alternatives.ts";
import type { Board } from "./board.ts";
import type { Incident } from "./incident.ts";

/** An incident that is taken before another one, and by what. */
export interface Ahead {
  readonly number: number;
  readonly incident_id: string;
  readonly severity: number;
  readonly timestamp: string;
  /** The first term of the queue's order in which they differ. */
  readonly by: "severity" | "timestamp" | "number";
  readonly sentence: string;
}

/** Why a pending incident stands where it does, and why nobody has it yet. */
export interface PlaceInQueue {
  readonly team: string;
  /** 1 is the head. */
  readonly queue_position: number;
  /** The first of those that are taken before it. */
  readonly ahead: readonly Ahead[];
  /** How many more are ahead than are listed. */
  readonly more_ahead: number;
  /** Each handler of the team, and why they do not take it now. */
  readonly handlers: Alternatives["others"];
  /** How many more handlers there are than are listed. */
  readonly more_handlers: number;
}

/** Incidents ahead that are listed at most. */
const listed_ahead = 10;

/** The place of a pending incident in its team's queue as the board is; null where it is not pending. */
export function placeInQueue(board: Board, number: number): PlaceInQueue | null {
  const incident = board.incidents.get(number);
  if (incident?.status !== "pending") return null;
  const queue = board.queueOf(incident.team);
  const queue_position = queue.rankOf(incident);
  const first = queue.page(1, Math.min(listed_ahead, queue_position - 1));
  const { others, more } = nobodyFree(board, incident.team);
  return {
    team: incident.team,
    queue_position,
    ahead: first.map((other) => aheadOf(incident, other)),
    more_ahead: queue_position - 1 - first.length,
    handlers: others,
    more_handlers: more,
  };
}

/** Rule 1, term by term. */
function aheadOf(incident: Incident, other: Incident): Ahead {
  const { number, incident_id, severity, timestamp } = other;
  const shown = { number, incident_id, severity, timestamp };
  if (severity !== incident.severity) {
    const sentence = `Incident ${number} is more severe, ${severity} against ${incident.severity}.`;
    return { ...shown, by: "severity", sentence };
  }
  if (timestamp !== incident.timestamp) {
    const sentence = `Incident ${number} happened earlier, ${timestamp} against ${incident.timestamp}.`;
    return { ...shown, by: "timestamp", sentence };
  }
  return { ...shown, by: "number", sentence: `Incident ${number} was reported earlier, all else being equal.` };
}
