import { InvalidArgumentError } from "commander";
import { incidentStream } from "../../events/stream.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { CannotRun } from "./outcome.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An incident from the command line: its number or its id. */
export function incidentOf(value: string): string {
  const wanted = value.toLowerCase();
  if (uuid.test(wanted) || /^[1-9]\d{0,14}$/.test(wanted)) return wanted;
  throw new InvalidArgumentError("It is neither a number from 1 nor an incident's id.");
}

/** The number of the incident that is named; refuses one that the ledger does not have at that position. */
export async function incidentNumber(ledger: Ledger, named: string, until: number): Promise<number> {
  const number = /^\d+$/.test(named) ? Number(named) : await ledger.incidentNumber(named);
  const found = number === null ? [] : await ledger.read({ stream: incidentStream(number), until, limit: 1 });
  if (number === null || found.length === 0) {
    throw new CannotRun(`There is no incident ${named} in the ledger at position ${until}.`);
  }
  return number;
}
