import type { RecordedEvent } from "../../../../events/recorded-event.ts";
import type { AccessKind } from "../../../access/access-log.ts";
import type { AccessRecord } from "../../../access/access-records.ts";

/** What an event of the ledger changed, for people. `about` and `by` are names. */
export function sentenceOfChange(event: RecordedEvent, about: string, by: string): string {
  return `${whatChanged(event, about)} by ${by}.`;
}

function whatChanged(event: RecordedEvent, about: string): string {
  switch (event.type) {
    case "user.created":
      return `${about} was added as ${event.data.role} ${where(event.data.teams)}`;
    case "user.role-changed":
      return `${about} was given the role ${event.data.role}`;
    case "user.teams-changed":
      return `The role of ${about} was made to count ${where(event.data.teams)}`;
    case "user.handler-changed":
      return `${about} was made ${event.data.handler === null ? "no handler" : `the handler ${event.data.handler}`}`;
    case "user.deactivated":
      return `${about} was deactivated`;
    case "user.reactivated":
      return `${about} was made active again`;
    case "user.erased":
      return `${about} was erased`;
    case "key.created":
      return `The key ${about} was made as ${event.data.role} ${where(event.data.teams)}`;
    case "key.rotated":
      return `The key ${about} was given a new secret`;
    case "key.rotation-ended":
      return `The secret before the present one of the key ${about} was ended`;
    case "key.revoked":
      return `The key ${about} was revoked`;
    default:
      return `${about}: ${event.type}`;
  }
}

function where(teams: readonly string[] | null): string {
  if (teams === null) return "everywhere";
  return teams.length === 0 ? "in no team" : `in ${teams.join(", ")}`;
}

/** What happened at the door, for people. `by` and `about` are names. */
export function sentenceOfRecord(record: AccessRecord, by: string, about: string | null): string {
  const times = record.count === 1 ? "" : `, ${record.count} times`;
  return `${whatHappened(record, by, about)}${times}.`;
}

function whatHappened({ kind, route, status, detail }: AccessRecord, by: string, about: string | null): string {
  const happened: Readonly<Record<AccessKind, string>> = {
    "sign-in": `${by} signed in`,
    "sign-in-failed": `Signing in as ${by} failed`,
    throttled: `An attempt to sign in as ${by} was put off`,
    "refresh-reused": `A refresh token of ${by} was used twice, and its session was ended`,
    "signed-out": `${by} signed out`,
    "password-changed": `${by} changed the password`,
    "recovery-asked": `A new password was asked for ${by}`,
    "recovery-used": `${by} chose a new password by a recovery link`,
    "invitation-used": `${by} chose a password by an invitation link`,
    "session-ended": `${by} ended a session`,
    refused: `${by} was refused ${route ?? "a request"} with ${status ?? "an error"}`,
    "rate-limited": `${by} asked more often than the limits allow`,
    "key-first-used-from": `A network was seen for the first time with ${by}`,
    "user-edited": `${by} changed ${detail ?? "a field"} of ${about ?? "a user"}`,
    others: `More than is told singly happened ${detail ?? ""}`.trimEnd(),
  };
  return happened[kind];
}
