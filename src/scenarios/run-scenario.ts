import { compareShows } from "./compare-shows.ts";
import { differenceOf } from "./difference.ts";
import { Play } from "./play.ts";
import { playGiven } from "./play-given.ts";
import type { CommandLine, EventLine, Scenario } from "./scenario.ts";

/** When a scenario without any time takes place. */
const otherwise = "2023-12-17T10:00:00.000Z";

/** How a scenario came out: null where all is as expected, else where and how it differs. */
export type Failure = { readonly line: number; readonly text: string } | null;

/** Plays a scenario on a fresh board. Throws a ScenarioFault where the scenario itself cannot be meant. */
export function runScenario(scenario: Scenario): Failure {
  const play = new Play(firstTime(scenario));
  playGiven(play, scenario.given);
  const happened = scenario.when.flatMap((line) => play.command(line));
  const difference = differenceOf(scenario.outcome, happened, play);
  const shows = compareShows(scenario.shows, play);
  if (difference === null && shows.length === 0) return null;
  const texts = [
    ...(difference === null ? [] : ["What is expected (-) and what happened (+):", difference.text]),
    ...shows,
  ];
  return { line: difference?.line ?? scenario.line, text: texts.join("\n") };
}

/** The time of the first line that has one: the board is opened then, and lines before it are of that time, too. */
function firstTime(scenario: Scenario): string {
  for (const line of [...scenario.given, ...scenario.when]) {
    for (const one of line.kind === "together" ? line.events : [line]) {
      const time = ownTime(one);
      if (time !== null) return time;
    }
  }
  return otherwise;
}

function ownTime(line: CommandLine | EventLine): string | null {
  const { timestamp } = line.fields;
  const isReport = line.kind === "command" ? line.command === "report" : line.type === "incident.reported";
  if (line.at !== null) return line.at;
  return isReport && typeof timestamp === "string" ? timestamp : null;
}
