import type { HashedEvent } from "../../ledger/ledger.ts";
import { ledgerEventExample, ledgerEventView } from "../routes/events/event-view.ts";

/*
 * The lines of a stream of server-sent events (WHATWG HTML, 9.2). A block ends with an empty line. One with data is an
 * event; one without only sets the id from which a client resumes, or the time after which it comes back.
 */

/** An event: its position as the id, and as data the very JSON that GET /events shows. Its type stands in the data. */
export function eventFrame(event: HashedEvent): Buffer {
  return Buffer.from(block(ledgerEventView(event)), "utf8");
}

function block(view: ReturnType<typeof ledgerEventView>): string {
  return `id: ${view.position}\ndata: ${JSON.stringify(view)}\n\n`;
}

/** How a stream may begin, for the documentation. */
export const exampleStream = `${openingFrame(ledgerEventExample.position - 1, 1500)}${block(ledgerEventExample)}`;

/** How a stream begins: whoever loses it at once resumes from here. */
export function openingFrame(position: number, retry_ms: number): string {
  return `: after position ${position}\nretry: ${retry_ms}\nid: ${position}\n\n`;
}

/** A sign of life; with a position, whoever resumes need not look again at what was not for them. */
export function heartbeatFrame(position: number | null): string {
  return position === null ? ": still here\n\n" : `: still here\nid: ${position}\n\n`;
}

/** The last words of a stream that ends in order: why, and from where to resume. */
export function farewellFrame(why: string, position: number): string {
  return `: ${why}\nid: ${position}\n\n`;
}
