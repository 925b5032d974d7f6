import type { Ledger } from "../../ledger/ledger.ts";
import type { FeedClient } from "./feed-client.ts";
import { eventFrame } from "./frames.ts";
import { readMatching } from "./matching-events.ts";
import type { Welcomes } from "./welcomes.ts";

/** How many events one read of the ledger gives, and at how many positions it looks. */
const page_events = 200;
const page_positions = 10_000;
/** What is written to a client before it must have taken it. */
const portion_bytes = 65_536;

/**
 * Sends a client its next portion of history, up to a position. What was read and does not fit is let go and read again when
 * the client has taken the rest: so nothing grows with what is still to come. Whoever is not welcome any longer when it is read
 * gets nothing.
 */
export async function sendHistory(
  ledger: Pick<Ledger, "read">,
  client: FeedClient,
  until: number,
  welcomes: Pick<Welcomes, "ask" | "learnOf">,
): Promise<void> {
  if (!client.isOpen) return;
  const { filter, teams, position: after } = client;
  const range = { after, until: Math.min(until, after + page_positions), limit: page_events };
  const { events, reached } = await readMatching(ledger, filter, teams, range);
  if (events.length > 0) {
    await welcomes.learnOf(events);
    if (!(await welcomes.ask(client))) return;
  }
  const portion: Buffer[] = [];
  let bytes = 0;
  let told: number | undefined;
  for (const event of events) {
    if (bytes >= portion_bytes) break;
    const frame = eventFrame(event);
    portion.push(frame);
    bytes += frame.length;
    told = event.position;
  }
  const is_whole = portion.length === events.length;
  if (told === undefined) client.skipTo(reached);
  else client.send(Buffer.concat(portion), told, is_whole ? reached : told);
}
