import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream } from "../../events/stream.ts";
import type { Board } from "../../projections/board.ts";
import { listedStatuses, type Status } from "../../projections/incident.ts";

const statuses: readonly Status[] = [...listedStatuses, "deleted"];

/** How many incidents there are of each status. It keeps one byte for each incident that ever was. */
export class StatusCounts {
  #statuses = new Uint8Array(1024);

  /** Takes in an event that has just been folded into the board. */
  take(board: Board, event: RecordedEvent): void {
    const number = incidentOfStream(event.stream);
    if (number === null) return;
    const status = board.incident(number)?.status ?? ended(event);
    if (status === undefined) return;
    if (number >= this.#statuses.length) this.#grow(number);
    this.#statuses[number] = statuses.indexOf(status) + 1;
  }

  /** The counts, by status. */
  counts(): Record<Status, number> {
    const byStatus = new Array<number>(statuses.length).fill(0);
    for (const status of this.#statuses) if (status > 0) byStatus[status - 1] = (byStatus[status - 1] ?? 0) + 1;
    const entries = statuses.map((status, index) => [status, byStatus[index] ?? 0]);
    return Object.fromEntries(entries);
  }

  #grow(number: number): void {
    const longer = new Uint8Array(Math.max(number + 1, this.#statuses.length * 2));
    longer.set(this.#statuses);
    this.#statuses = longer;
  }
}

/** The status that an event gives an incident that has left the board; undefined: it stays what it was. */
function ended(event: RecordedEvent): Status | undefined {
  switch (event.type) {
    case "incident.closed":
    case "incident.auto-closed":
      return "closed";
    case "incident.deleted":
      return "deleted";
    default:
      return undefined;
  }
}
