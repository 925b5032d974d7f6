import type { Incident } from "./incident.ts";

/** What is the case with an incident, in a sentence. */
export function stateSentence(incident: Incident, queue_position: number | null): string {
  const { status, assigned_to, acknowledged_by, snoozed_until, snoozed_from, merged_into, team } = incident;
  switch (status) {
    case "pending":
      return queue_position === null
        ? `It waits in the queue of ${team}.`
        : `It waits in place ${queue_position} of the queue of ${team}.`;
    case "assigned":
      return `${assigned_to ?? "Somebody"} has it.`;
    case "acknowledged":
      return `It is acknowledged by ${acknowledged_by ?? "somebody"}, and ${assigned_to ?? "nobody"} has it.`;
    case "snoozed":
      return snoozed_from === null
        ? `It sleeps until ${snoozed_until ?? "it is woken"}.`
        : `It sleeps until ${snoozed_until ?? "it is woken"}, and then returns to ${snoozed_from}, if they have room.`;
    case "merged":
      return `It was merged into incident ${merged_into ?? "unknown"}.`;
    case "resolved":
    case "closed":
    case "dismissed":
    case "deleted":
      return assigned_to === null ? `It is ${status}.` : `It is ${status}; ${assigned_to} had it.`;
    default:
      return status satisfies never;
  }
}
