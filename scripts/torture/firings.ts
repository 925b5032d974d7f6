import { join } from "node:path";
import Database from "better-sqlite3";
import { insist } from "./attack.ts";

interface Row {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  readonly recorded_at: string;
  readonly data: string;
}

const day_ms = 24 * 60 * 60 * 1000;

/** How much has happened by itself. */
export interface Firings {
  readonly woken: number;
  readonly timed_out: number;
  readonly closed: number;
}

/** No time of the ledger goes back; each snooze ends once and not early, each resolved incident is closed once and not early. */
export function checkFirings(data_dir: string): Firings {
  const database = new Database(join(data_dir, "ledger.db"), { readonly: true });
  const rows = database
    .prepare<[], Row>("SELECT position, stream, type, recorded_at, data FROM events ORDER BY position")
    .all();
  database.close();
  const asleep = new Map<string, number>();
  const resolved = new Map<string, number>();
  const fired = { woken: 0, timed_out: 0, closed: 0 };
  let last = "";
  for (const { position, stream, type, recorded_at, data } of rows) {
    insist(recorded_at >= last, `the time at position ${position}, ${recorded_at}, is before ${last}`);
    last = recorded_at;
    const at_ms = Date.parse(recorded_at);
    if (type === "incident.snoozed") asleep.set(stream, Date.parse(JSON.parse(data).until));
    if (type === "incident.resolved") resolved.set(stream, at_ms);
    if (type === "incident.ack-timed-out") fired.timed_out += 1;
    if (type === "incident.woken") {
      fired.woken += 1;
      mustBeDue(asleep, stream, at_ms, `position ${position} wakes ${stream}`);
    }
    if (type === "incident.auto-closed") {
      fired.closed += 1;
      mustBeDue(resolved, stream, at_ms - day_ms, `position ${position} closes ${stream}`);
    }
  }
  return fired;
}

function mustBeDue(awaited: Map<string, number>, stream: string, at_ms: number, what: string): void {
  const due_ms = awaited.get(stream);
  insist(due_ms !== undefined, `${what}, and nothing was due`);
  insist(at_ms >= due_ms, `${what} ${due_ms - at_ms} ms early`);
  awaited.delete(stream);
}
