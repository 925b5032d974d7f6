import { incidentStream } from "../../events/stream.ts";
import { foldListed, type ListedIncident } from "../../projections/incident-list.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readStream } from "../ledger/read-stream.ts";

/** One incident folded anew from its own events, as of a position. Null: the ledger has no such incident there. */
export async function foldListedAnew(ledger: Ledger, number: number, until: number): Promise<ListedIncident | null> {
  let listed: ListedIncident | null = null;
  for await (const event of readStream(ledger, incidentStream(number), until)) listed = foldListed(listed, event);
  return listed;
}
