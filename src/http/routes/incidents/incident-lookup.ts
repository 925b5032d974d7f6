import type { Incident } from "../../../../projections/incident.ts";
import type { ListedIncident } from "../../../../projections/incident-list.ts";
import { foldListedAnew } from "../../../readmodels/listed-anew.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard } from "../../settled-board.ts";

/** An incident as it is at a position. */
export interface FoundIncident extends Pick<ListedIncident, "incident" | "texts"> {
  readonly queue_position: number | null;
  readonly position: number;
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

/** The incident in the path as it is now; refuses one that does not exist or was deleted. */
export async function findIncident(services: Services, id: string): Promise<FoundIncident> {
  const number = await addressedNumber(services, id);
  const { position, incident, queue_position } = await readBoard(services, (board) => {
    const open = board.incidents.get(number);
    return {
      position: board.position,
      incident: open,
      queue_position: open === undefined ? null : board.queuePositionOf(open),
    };
  });
  if (incident !== undefined) {
    return { incident, texts: await textsOf(services, incident, position), queue_position, position };
  }
  const listed = await foldListedAnew(services.ledger, number, position);
  if (listed === null || listed.incident.status === "deleted") throw incidentNotFound(id);
  return { ...listed, queue_position: null, position };
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
