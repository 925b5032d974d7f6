import type { RecordedEvent } from "../events/recorded-event.ts";
import type { DataOf } from "../events/registry.ts";

const severityNames = ["", "critical", "high", "medium", "low", "info"];

/** One sentence in plain English for what an event says. Pure: it knows the event alone, and no names but ids. */
export function sentenceOf(event: RecordedEvent): string {
  switch (event.type) {
    case "incident.reported":
      return `Reported in the team ${event.data.team} with severity ${severity(event.data.severity)}.`;
    case "incident.repeated":
      return event.data.severity === undefined
        ? "Reported again."
        : `Reported again with severity ${severity(event.data.severity)}.`;
    case "incident.edited":
      return `${edited(event)} changed.`;
    case "incident.severity-changed":
      return `Severity changed from ${severity(event.data.from)} to ${severity(event.data.to)} by ${event.actor}.`;
    case "incident.severity-raised":
      return `Severity raised from ${severity(event.data.from)} to ${severity(event.data.to)} by the rules.`;
    case "incident.commented":
      return `Comment by ${event.actor}.`;
    case "incident.responder-added":
      return `${event.data.responder} joined as ${event.data.role}.`;
    case "incident.assigned":
      return `Assigned to ${event.data.handler} by the rules.`;
    case "incident.queued":
      return "Nobody had room: it waits in the queue.";
    case "incident.handed-over":
      return event.data.from === null
        ? `Given to ${event.data.handler} by ${event.actor}.`
        : `Handed over from ${event.data.from} to ${event.data.handler} by ${event.actor}.`;
    case "incident.handed-back":
      return handedBack(event.data.handler, event.actor);
    case "incident.return-forgotten":
      return `Will not return to ${event.data.handler} when it wakes.`;
    case "incident.acknowledged":
      return event.data.handler === null
        ? `Acknowledged by ${event.data.by}.`
        : `Acknowledged for ${event.data.handler} by ${event.data.by}.`;
    case "incident.snoozed":
      return `Put to sleep until ${event.data.until} by ${event.actor}.`;
    case "incident.wake-asked":
      return `Woken by ${event.actor}.`;
    case "incident.woken":
      return event.data.handler === null ? "Awake, and in the queue." : `Awake, and back with ${event.data.handler}.`;
    case "incident.ack-timed-out":
      return event.data.handler === null
        ? "Nobody reacted in time, and nobody else could take it."
        : `${event.data.handler} did not react in time, and nobody else could take it.`;
    case "incident.rerouted":
      return event.data.from === null
        ? `Nobody reacted in time: it went to ${event.data.handler}.`
        : `${event.data.from} did not react in time: it went to ${event.data.handler}.`;
    case "incident.moved":
      return `Moved from the team ${event.data.from} to ${event.data.to} by ${event.actor}.`;
    case "incident.resolved":
      return `Resolved by ${event.actor}.`;
    case "incident.closed":
      return `Closed by ${event.actor}.`;
    case "incident.auto-closed":
      return "Closed by the rules, some days after it was resolved.";
    case "incident.dismissed":
      return `Dismissed as a false alarm by ${event.actor}.`;
    case "incident.reopened":
      return `Reopened by ${event.actor}.`;
    case "incident.merged":
      return `Merged into incident ${event.data.into} by ${event.actor}.`;
    case "incident.absorbed":
      return `Incident ${event.data.number} was merged into this one.`;
    case "incident.deleted":
      return `Deleted by ${event.actor}.`;
    case "handler.joined":
      return `${event.data.handler} joined the team ${event.data.team} with capacity ${event.data.capacity}.`;
    case "handler.left":
      return `${event.data.handler} left the team ${event.data.team}.`;
    case "handler.capacity-changed":
      return `${event.data.handler} takes ${event.data.capacity} at once from here on.`;
    case "handler.made-available":
      return `${event.data.handler} is available.`;
    case "handler.made-unavailable":
      return `${event.data.handler} is unavailable.`;
    case "handler.renamed":
      return `The name of ${event.data.handler} changed.`;
    case "team.created":
      return `The team ${event.data.team} was created.`;
    case "team.rules-changed":
      return `The rules of the team ${event.data.team} changed.`;
    case "user.created":
      return `User ${event.data.user} was created as ${event.data.role} in ${reach(event.data.teams)}.`;
    case "user.role-changed":
      return `User ${event.data.user} is ${event.data.role} from here on.`;
    case "user.teams-changed":
      return `The role of user ${event.data.user} counts in ${reach(event.data.teams)} from here on.`;
    case "user.handler-changed":
      return `User ${event.data.user} takes incidents as ${event.data.handler ?? "no handler"} from here on.`;
    case "user.profile-changed":
      return `Of user ${event.data.user} changed: ${event.data.fields.join(", ")}.`;
    case "user.invited":
      return `User ${event.data.user} was invited to choose a password.`;
    case "user.deactivated":
      return `User ${event.data.user} was deactivated.`;
    case "user.reactivated":
      return `User ${event.data.user} may sign in again.`;
    case "user.erased":
      return `User ${event.data.user} was erased.`;
    case "key.created":
      return `Key ${event.data.key} was made for ${keyPurpose(event.data)}.`;
    case "key.rotated":
      return `Key ${event.data.key} has a new secret.`;
    case "key.rotation-ended":
      return `The old secret of key ${event.data.key} ended.`;
    case "key.revoked":
      return `Key ${event.data.key} was revoked.`;
    case "time.passed":
      return `It was ${event.data.at}.`;
    case "ledger.opened":
      return "The ledger was opened.";
    case "rules.adopted":
      return `Rules ${event.data.number} came into force.`;
    case "text.erased":
      return `The text of event ${event.data.erased} was erased.`;
    default:
      return event satisfies never;
  }
}

function severity(number: number): string {
  return `${number} (${severityNames[number] ?? "unknown"})`;
}

function edited({ data, text }: RecordedEvent<"incident.edited">): string {
  const names = [...Object.keys(data), ...Object.keys(text ?? {}).filter((name) => name !== "reason")];
  // A text that was erased leaves no name behind.
  const list = names.length === 0 ? "text" : names.join(", ");
  return list.charAt(0).toUpperCase() + list.slice(1);
}

/** The position that a decision follows from, wherever its commit lies; null for facts. */
export function becauseOf({ position, meta }: Pick<RecordedEvent, "position" | "meta">): number | null {
  if (meta.because === undefined) return null;
  return "position" in meta.because ? meta.because.position : position - meta.offset + meta.because.offset;
}

function handedBack(handler: string | null, actor: string): string {
  if (handler === null) return "Put back into the queue.";
  return handler === actor ? `Handed back by ${handler}.` : `Taken from ${handler} by ${actor}.`;
}

function reach(teams: readonly string[] | null): string {
  if (teams === null) return "every team";
  return teams.length === 0 ? "no team" : `the team${teams.length === 1 ? "" : "s"} ${teams.join(", ")}`;
}

function keyPurpose({ role, teams, dialect }: DataOf<"key.created">): string {
  return `the ${dialect === null ? "service's own interface" : `dialect ${dialect}`} as ${role} in ${reach(teams)}`;
}
