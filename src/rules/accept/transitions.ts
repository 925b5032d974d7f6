import type { Incident, Status } from "../../../projections/incident.ts";
import type { Refusal } from "../refusal.ts";
import { refuse } from "./accepted.ts";

const openCommands =
  "acknowledge, assign, unassign, snooze, wake, escalate, move, merge, resolve, close, dismiss, comment, edit, delete, redact";
const endedCommands = "reopen, comment, edit of texts and labels, delete, redact";

/** What can be done with an incident of each status (DESIGN §3, rule 18), for people to read. */
const possible: Readonly<Record<Status, string>> = {
  pending: openCommands,
  assigned: openCommands,
  acknowledged: openCommands,
  snoozed: openCommands,
  resolved: `close, ${endedCommands}`,
  closed: endedCommands,
  dismissed: endedCommands,
  merged: "comment, delete, redact",
  deleted: "redact",
};

/** The refusal of what an incident's status forbids, with what would be allowed. */
export function illegal(incident: Incident, participle: string): Refusal {
  const { number, status } = incident;
  return refuse(
    "illegal-transition",
    `Incident ${number} is ${status} and cannot be ${participle}. Possible now: ${possible[status]}.`,
    "status",
  );
}
