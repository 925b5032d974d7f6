import type { ReferenceDesk, ReferenceHandler } from "./reference-desk.ts";
import type { Happening, ReferenceIncident } from "./reference-incident.ts";

/** A fact that must be recorded. */
export type ExpectedFact = Happening & { readonly stream: string };

/** What must become of a command: facts (none: it changes nothing), or the code of a refusal. */
export type Expected = { readonly facts: readonly ExpectedFact[] } | { readonly refused: string };

/** Whether a command was sent by somebody who saw another version. */
export function isStale(desk: ReferenceDesk, stream: string, if_version: readonly number[] | undefined): boolean {
  return if_version !== undefined && !if_version.includes(desk.versions.get(stream) ?? 0);
}

/** The team of this name, whatever its case. */
export function findTeam(desk: ReferenceDesk, name: string): string | undefined {
  return [...desk.teams.keys()].find((team) => team.toLowerCase() === name.toLowerCase());
}

/** The handler of this id, whatever its case; one who has left, too. */
export function findHandler(desk: ReferenceDesk, id: string): ReferenceHandler | undefined {
  return [...desk.handlers.values()].find((handler) => handler.id.toLowerCase() === id.toLowerCase());
}

/** A handler of the team, or the code of the refusal. */
export function handlerIn(desk: ReferenceDesk, team: string, id: string): ReferenceHandler | string {
  const handler = findHandler(desk, id);
  if (handler === undefined) return "unknown-handler";
  if (handler.team === null) return "handler-has-left";
  return handler.team === team ? handler : "handler-in-another-team";
}

/** Why the keys of an incident cannot be open in a team, or undefined. */
export function keyRefusal(desk: ReferenceDesk, team: string, incident: ReferenceIncident): string | undefined {
  const others = incident.keys.map((key) => desk.openUnder(team, key));
  const isTaken = others.some((other) => other !== undefined && other.number !== incident.number);
  return isTaken ? "dedup-key-open" : undefined;
}
