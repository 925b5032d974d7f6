import type { Command, IncidentCommand, Redact, TextWord, Update } from "../../src/rules/commands.ts";
import type { Choices } from "./choices.ts";
import { labelSets } from "./names.ts";
import { present } from "./present.ts";
import { later, type ReferenceDesk } from "./reference-desk.ts";
import { isOpenStatus, type ReferenceIncident } from "./reference-incident.ts";

const open = ["pending", "assigned", "acknowledged", "snoozed"];
const ended = ["resolved", "closed", "dismissed"];
const all = [...open, ...ended, "merged"];
const minute_ms = 60_000;
const words: readonly TextWord[] = ["title", "description", "links", "resolution", "comments", "reasons"];

/** The statuses in which each command is usually tried, and how often. */
const commands: readonly (readonly [number, IncidentCommand["kind"], readonly string[]])[] = [
  [26, "update", [...open, ...open, ...ended]],
  [8, "escalate", open],
  [16, "acknowledge", ["pending", "assigned", "acknowledged", "snoozed"]],
  [11, "resolve", open],
  [5, "close", [...open, "resolved", "resolved"]],
  [7, "reopen", ended],
  [10, "dismiss", [...open, "assigned"]],
  [10, "assign", [...open, "pending"]],
  [10, "unassign", ["assigned", "assigned", "acknowledged", "acknowledged", "snoozed"]],
  [14, "snooze", ["pending", "assigned", "acknowledged", "snoozed"]],
  [5, "wake", ["snoozed"]],
  [3, "comment", all],
  [9, "merge", open],
  [9, "move", [...open, "snoozed"]],
  [10, "delete", [...all, "assigned", "acknowledged", "snoozed"]],
  [8, "redact", [...all, "deleted", "deleted"]],
];

/** A command on some incident. Most are legal; some meet a status that forbids them, or no incident at all. */
export function chooseOnIncident(choices: Choices, desk: ReferenceDesk, at: string): Command {
  const nobodys = desk.openIncidents().find(({ status, handler }) => status === "acknowledged" && handler === null);
  if (nobodys !== undefined && choices.percent(16)) {
    if (choices.percent(25)) return { kind: "unassign", incident: nobodys.number };
    return { kind: "acknowledge", incident: nobodys.number, handler: colleague(choices, desk, nobodys.team) };
  }
  const [kind, usual] = choices.weighted(
    commands.map(([weight, name, statuses]) => [weight, [name, statuses] as const]),
  );
  const incident = chooseIncident(choices, desk, choices.percent(90) ? usual : all);
  if (incident === undefined) return { kind: "comment", incident: desk.incidents.size + 1, text: "Is it there?" };
  const version = desk.versions.get(`incident/${incident.number}`) ?? 0;
  const if_version = choices.maybe(5, () => [version - choices.below(2)]);
  return { ...chooseFields(choices, desk, kind, incident, at), ...present({ if_version }) };
}

/** One of a status that is drawn first, so that rare ones have their turn. */
function chooseIncident(
  choices: Choices,
  desk: ReferenceDesk,
  statuses: readonly string[],
): ReferenceIncident | undefined {
  const candidates = [...desk.incidents.values()];
  if (candidates.length === 0) return undefined;
  if (choices.percent(2)) return choices.one(candidates);
  const found = statuses.filter((status) => candidates.some((one) => one.status === status));
  if (found.length === 0) return choices.percent(30) ? choices.one(candidates) : undefined;
  const status = choices.one(found);
  return choices.one(candidates.filter((one) => one.status === status));
}

function chooseFields(
  choices: Choices,
  desk: ReferenceDesk,
  kind: IncidentCommand["kind"],
  { number: incident, team, severity, status, until }: ReferenceIncident,
  at: string,
): IncidentCommand {
  switch (kind) {
    case "update":
      return chooseUpdate(choices, desk, { incident, team, severity, status }, at);
    case "escalate": {
      const higher = choices.percent(80) ? 1 + choices.below(Math.max(1, severity - 1)) : 1 + choices.below(5);
      return { kind, incident, ...present({ severity: choices.maybe(60, () => higher) }) };
    }
    case "acknowledge":
      return { kind, incident, ...present({ handler: choices.maybe(55, () => colleague(choices, desk, team)) }) };
    case "assign": {
      const force = choices.maybe(50, () => true);
      return { kind, incident, handler: colleague(choices, desk, team), ...present({ force }) };
    }
    case "snooze": {
      const asked = choices.weighted([
        [25, {}],
        [35, { minutes: 1 + choices.below(600) }],
        [35, { until: later(at, (1 + choices.below(30_000)) * minute_ms) }],
        [3, { until: until ?? at }],
        [2, { until: later(at, 367 * 1440 * minute_ms) }],
      ]);
      return { kind, incident, ...asked };
    }
    case "comment":
      return { kind, incident, text: "The provider confirms." };
    case "merge": {
      const others = desk.openIncidents().filter((one) => one.team === team && one.number !== incident);
      const isRight = others.length > 0 && choices.percent(94);
      return {
        kind,
        incident,
        into: isRight ? choices.one(others).number : 1 + choices.below(desk.incidents.size + 1),
      };
    }
    case "dismiss":
      return { kind, incident, ...present({ reason: choices.maybe(40, () => "A false alarm.") }) };
    case "redact":
      return chooseRedact(choices, desk, incident);
    case "move":
      return { kind, incident, team: otherTeam(choices, desk, team) };
    default:
      return { kind, incident };
  }
}

/** Mostly texts that are there; sometimes ones that are erased, of others, or never were. */
function chooseRedact(choices: Choices, desk: ReferenceDesk, incident: number): Redact {
  const named = {
    kind: "redact",
    incident,
    ...present({ reason: choices.maybe(50, () => "It named somebody.") }),
  } as const;
  const theirs = desk.texts.filter(({ number }) => number === incident).map(({ position }) => position);
  const what = choices.weighted([
    [30, "all"],
    [40, "positions"],
    [25, "words"],
    [10, "anything"],
    [1, "both"],
  ]);
  if (what === "all" || theirs.length === 0) return { ...named, all: true };
  if (what === "both") return { ...named, all: true, texts: ["title"] };
  if (what === "anything") return { ...named, texts: [1 + choices.below(desk.position + 5)] };
  const texts = Array.from({ length: 1 + choices.below(3) }, () =>
    what === "words" ? choices.one(words) : choices.one(theirs),
  );
  return { ...named, texts };
}

function chooseUpdate(
  choices: Choices,
  desk: ReferenceDesk,
  { incident, team, severity, status }: { incident: number; team: string; severity: number; status: string },
  at: string,
): Update {
  if (!isOpenStatus(status) && choices.percent(25)) return { kind: "update", incident, title: "What it was" };
  const wanted = choices.maybe(isOpenStatus(status) ? 35 : 80, () =>
    choices.one(["pending", "assigned", "acknowledged", "snoozed", "resolved", "closed", "dismissed"] as const),
  );
  const moves = choices.maybe(10, () => otherTeam(choices, desk, team));
  const person = choices.maybe(30, () => (choices.percent(40) ? null : colleague(choices, desk, moves ?? team)));
  const isContradiction = (wanted === "pending" && person !== null) || (wanted === "assigned" && person === null);
  const needsPerson = wanted === "assigned" && status !== "assigned" && status !== "acknowledged";
  return {
    kind: "update",
    incident,
    ...present({
      title: choices.maybe(15, () => "It is still broken"),
      resolution: choices.maybe(8, () => "Restarted the balancer."),
      type: choices.maybe(12, () => (choices.percent(30) ? null : choices.one(["Outage", "Breach"]))),
      labels: choices.maybe(15, () => choices.one(labelSets)),
      team: moves,
      severity: choices.maybe(35, () => (choices.percent(10) ? severity : 1 + choices.below(5))),
      assigned_to: needsPerson
        ? colleague(choices, desk, moves ?? team)
        : isContradiction && !choices.percent(4)
          ? undefined
          : person,
      force: choices.maybe(40, () => true),
      status: wanted,
      until: wanted === "snoozed" ? choices.maybe(60, () => later(at, choices.below(2000) * minute_ms)) : undefined,
      by_way_of_reopening: choices.maybe(isOpenStatus(status) ? 10 : 80, () => true),
    }),
  };
}

/** Mostly a handler of the team; sometimes of another, one who left, or nobody; sometimes in small letters. */
function colleague(choices: Choices, desk: ReferenceDesk, team: string): string {
  const everybody = [...desk.handlers.values()];
  const theirs = everybody.filter((one) => one.team === team);
  const isStranger = theirs.length === 0 || choices.percent(4);
  if (isStranger && everybody.length === 0) return "Nobody";
  const { id } = choices.one(isStranger ? everybody : theirs);
  return choices.percent(4) ? id.toLowerCase() : id;
}

function otherTeam(choices: Choices, desk: ReferenceDesk, team: string): string {
  const others = [...desk.teams.keys()].filter((name) => name !== team);
  if (others.length > 0 && choices.percent(93)) return choices.one(others);
  return choices.percent(60) ? team : "nowhere";
}
