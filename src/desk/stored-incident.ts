import { incidentStream } from "../../events/stream.ts";
import { type HeldTexts, noteHeldText } from "../../projections/held-texts.ts";
import type { Incident } from "../../projections/incident.ts";
import { foldIncident } from "../../projections/incident-fold.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readStream } from "../ledger/read-stream.ts";

/** An incident folded from its own events, up to a position; null where there is none by then. */
export async function storedIncident(ledger: Ledger, number: number, until?: number): Promise<Incident | null> {
  let incident: Incident | null = null;
  for await (const event of readStream(ledger, incidentStream(number), until)) incident = foldIncident(incident, event);
  return incident;
}

/** Which events of a stream have a text up to a position, as the stream itself tells. */
export async function heldTexts(ledger: Ledger, stream: string, until?: number): Promise<HeldTexts> {
  const texts: HeldTexts = new Map();
  for await (const event of readStream(ledger, stream, until)) noteHeldText(texts, event);
  return texts;
}
