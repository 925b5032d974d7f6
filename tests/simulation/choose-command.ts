import type { Command, Report } from "../../src/rules/commands.ts";
import type { Choices } from "./choices.ts";
import { chooseOnIncident } from "./choose-on-incident.ts";
import { chooseHandlerCommand, chooseTeamCommand } from "./choose-people.ts";
import { incidentIdOf, keys, labelSets, teamNames } from "./names.ts";
import { present } from "./present.ts";
import { later, type ReferenceDesk } from "./reference-desk.ts";

/** What somebody does next, and how long after what was done before. */
export interface Move {
  readonly delay_ms: number;
  readonly command: (at: string) => Command;
}

const second_ms = 1000;
const hour_ms = 3_600_000;

/** The move that a number stands for as things are. It makes sense more often than not. */
export function chooseMove(choices: Choices, desk: ReferenceDesk): Move {
  const delay_ms = chooseDelay(choices);
  const family = choices.weighted([
    [26, "report"],
    [58, "incident"],
    [14, "handler"],
    [5, "team"],
    [4, "time"],
  ] as const);
  switch (family) {
    case "report":
      return { delay_ms, command: (at) => chooseReport(choices, desk, at) };
    case "incident":
      return { delay_ms, command: (at) => chooseOnIncident(choices, desk, at) };
    case "handler":
      return { delay_ms, command: () => chooseHandlerCommand(choices, desk) };
    case "team":
      return { delay_ms, command: () => chooseTeamCommand(choices, desk) };
    case "time":
      return { delay_ms: delay_ms + choices.below(30) * hour_ms, command: (at) => ({ kind: "pass-time", at }) };
    default: {
      const never: never = family;
      throw new Error(`no such family: ${String(never)}`);
    }
  }
}

function chooseDelay(choices: Choices): number {
  const unit_ms = choices.weighted([
    [25, 0],
    [40, second_ms],
    [22, 40 * second_ms],
    [10, hour_ms / 4],
    [3, 12 * hour_ms],
  ]);
  return unit_ms * choices.below(60);
}

function chooseReport(choices: Choices, desk: ReferenceDesk, at: string): Report {
  const team = choices.maybe(45, () => choices.one(teamsOf(choices, desk)));
  const open = desk.openIncidents().filter((incident) => incident.keys.length > 0);
  const sleeping = open.filter(({ status }) => status === "snoozed");
  const isRepeat = choices.percent(sleeping.length > 0 ? 45 : 25);
  const repeated =
    isRepeat && open.length > 0 ? choices.one(sleeping.length > 0 && choices.percent(70) ? sleeping : open) : undefined;
  const status = choices.maybe(12, () => choices.one(["resolved", "closed"] as const));
  const theirs = [...desk.handlers.values()].filter((one) => one.team === (team ?? "default"));
  const assigned_to = choices.maybe(8, () => (theirs.length > 0 ? choices.one(theirs).id : "Nobody"));
  const takesNobody = status !== undefined && !choices.percent(5);
  return {
    kind: "report",
    incident_id: incidentIdOf(desk.incidents.size + 1),
    title: "It is broken",
    ...present({
      team: repeated?.team ?? team,
      severity: choices.maybe(80, () => (repeated === undefined ? 1 : 0) + choices.below(5) || 1),
      timestamp: choices.maybe(40, () => chooseTimestamp(choices, at)),
      doubt_timestamp: choices.maybe(75, () => true),
      dedup_key: repeated === undefined ? choices.maybe(40, () => choices.one(keys)) : choices.one(repeated.keys),
      type: choices.maybe(20, () => "Network Issue"),
      source: choices.maybe(15, () => "prometheus"),
      labels: choices.maybe(15, () => choices.one(labelSets)),
      status,
      assigned_to: takesNobody ? undefined : assigned_to,
    }),
  };
}

/** Often late, sometimes the same as others, now and then from the future. */
function chooseTimestamp(choices: Choices, at: string): string {
  const round = `${at.slice(0, 10)}T00:00:00.000Z`;
  return choices.weighted([
    [55, later(at, -choices.below(50_000) * second_ms)],
    [25, round <= at ? round : at],
    [10, later(at, choices.below(300) * second_ms)],
    [10, later(at, (301 + choices.below(90_000)) * second_ms)],
  ]);
}

function teamsOf(choices: Choices, desk: ReferenceDesk): readonly string[] {
  return choices.percent(96) ? [...desk.teams.keys()] : [...teamNames, "DEFAULT"];
}
