import type { Board } from "../../../projections/board.ts";
import { defaultTeamRules, type TeamRules } from "../../../projections/team.ts";
import type { ChangeTeam, CreateTeam } from "../commands.ts";
import { teamFact, textOf } from "../new-event.ts";
import { refuse, type StepResult } from "./accepted.ts";
import { staleness } from "./references.ts";

/** A new team, with the usual rules where none are given. */
export function createTeam(board: Board, command: CreateTeam): StepResult {
  const { team } = command;
  const known = board.findTeam(team);
  if (known !== undefined) return refuse("team-exists", `There is a team ${known.team} already.`, "name");
  return [teamFact(team, "team.created", { team, rules: { ...defaultTeamRules, ...command.rules } })];
}

/** Other rules for a team; those that are not named stay. */
export function changeTeam(board: Board, command: ChangeTeam): StepResult {
  const known = board.findTeam(command.team);
  if (known === undefined) return refuse("team-not-found", `There is no team ${command.team}.`);
  const stale = staleness(`The team ${known.team}`, known.version, command.if_version);
  if (stale !== undefined) return stale;
  const rules = { ...known.rules, ...command.rules };
  const names = Object.keys(rules) as (keyof TeamRules)[];
  if (names.every((name) => rules[name] === known.rules[name])) return [];
  const data = { team: known.team, rules };
  return [teamFact(known.team, "team.rules-changed", data, textOf({ reason: command.reason }))];
}
