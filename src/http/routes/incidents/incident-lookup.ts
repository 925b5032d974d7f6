import { incidentStream } from "../../../../events/stream.ts";
import type { Incident } from "../../../../projections/incident.ts";
import type { ListedIncident } from "../../../../projections/incident-list.ts";
import { foldListedAnew } from "../../../readmodels/listed-anew.ts";
import { askBoardAsOf } from "../../ask-board.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard } from "../../settled-board.ts";

/** An incident as it is at a position. */
export interface FoundIncident extends Pick<ListedIncident, "incident" | "texts"> {
  readonly queue_position: number | null;
  readonly position: number;
  /** What its entity tag says: its version; of one in the past whose texts were erased since, how many were, too. */
  readonly tag: number | string;
}

const numberShape = /^[1-9]\d{0,14}$/;
const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The number of the incident that a path or a body names by number or id; null where there is none. */
export async function incidentNumber({ desk, ledger }: Services, named: string | number): Promise<number | null> {
  if (typeof named === "number") return named;
  if (numberShape.test(named)) return Number(named);
  const incident_id = named.toLowerCase();
  if (!uuidShape.test(incident_id)) return null;
  return desk.board.numberOf(incident_id) ?? (await ledger.incidentNumber(incident_id));
}

/** The number of the incident in the path; refuses one that cannot exist. */
export async function addressedNumber(services: Services, id: string): Promise<number> {
  const number = await incidentNumber(services, id);
  if (number === null) throw incidentNotFound(id);
  return number;
}

/**
 * The incident in the path as it is now, or as it was at a position; refuses one that does not exist there or was deleted by
 * then. One that was deleted later is shown as it was.
 */
export async function findIncident(
  services: Services,
  id: string,
  as_of: number | null = null,
): Promise<FoundIncident> {
  const number = numberShape.test(id) ? Number(id) : await addressedNumber(services, id);
  if (as_of !== null) return findPastIncident(services, number, as_of);
  const { position, incident, queue_position } = await readBoard(services, (board) => {
    const open = board.incidents.get(number);
    return {
      position: board.position,
      incident: open,
      queue_position: open === undefined ? null : board.queuePositionOf(open),
    };
  });
  if (incident !== undefined) {
    const texts = await textsOf(services, incident, position);
    return { incident, texts, queue_position, position, tag: incident.version };
  }
  const listed = await foldListedAnew(services.ledger, number, position);
  if (listed === null || listed.incident.status === "deleted") throw incidentNotFound(id);
  return { ...listed, queue_position: null, position, tag: listed.incident.version };
}

async function findPastIncident(services: Services, number: number, position: number): Promise<FoundIncident> {
  const { ledger } = services;
  const listed = await foldListedAnew(ledger, number, position);
  if (listed === null || listed.incident.status === "deleted") throw await notFoundAsOf(services, number, position);
  const { version, status } = listed.incident;
  const rank = status === "pending" ? (await askBoardAsOf(services, position, "rank", { number })).answer : null;
  const erasures = await ledger.read({ stream: incidentStream(number), after: position, types: ["text.erased"] });
  const tag = erasures.length === 0 ? version : `${version}-${erasures.length}`;
  return { ...listed, queue_position: rank, position, tag };
}

/** There is no such incident; of the past it is said whether it was not there yet, or not any more. */
export async function notFoundAsOf(
  { ledger }: Services,
  number: number,
  position: number | null,
): Promise<ProblemError> {
  if (position === null) return incidentNotFound(String(number));
  const [first] = await ledger.read({ stream: incidentStream(number), limit: 1 });
  if (first === undefined) return incidentNotFound(String(number));
  const detail =
    first.position > position
      ? `There was no incident ${number} yet at position ${position}: it was reported at position ${first.position}.`
      : `Incident ${number} had been deleted by position ${position}.`;
  return new ProblemError("incident-not-found", detail);
}

/** An incident's texts as of a position. The cache has the newest; they are the same while the version is. */
export async function textsOf(
  { desk, ledger, texts }: Services,
  incident: Incident,
  position: number,
): Promise<ListedIncident["texts"]> {
  const newest = await texts.get(incident.number);
  if (desk.board.incident(incident.number)?.version === incident.version) return newest;
  const listed = await foldListedAnew(ledger, incident.number, position);
  if (listed === null) throw new Error(`incident ${incident.number} has no events up to position ${position}`);
  return listed.texts;
}

/** There is no such incident. */
export function incidentNotFound(id: string): ProblemError {
  return new ProblemError("incident-not-found", `There is no incident ${id.slice(0, 64)}.`);
}
