import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import type { NewFact } from "../rules/new-event.ts";
import { differenceOf } from "./difference.ts";
import type { Play } from "./play.ts";
import { recordedFact } from "./recorded-fact.ts";
import type { CommandLine, EventLine, GivenLine } from "./scenario.ts";
import { ScenarioFault } from "./scenario-fault.ts";

/** Facts of one commit, and the decisions that the file gives behind them. */
interface GivenCommit {
  readonly kind: "commit";
  readonly line: number;
  readonly facts: EventLine[];
  readonly decisions: EventLine[];
}

/**
 * Plays the past. A fact begins a commit, the decisions behind it belong to it. The decisions must be those that the
 * rules make of the facts, commands must be accepted and must change something: throws a ScenarioFault otherwise.
 */
export function playGiven(play: Play, given: readonly GivenLine[]): void {
  for (const step of commitsOf(given)) {
    if (step.kind === "command") playCommand(play, step);
    else playCommit(play, step);
  }
}

function commitsOf(given: readonly GivenLine[]): (GivenCommit | CommandLine)[] {
  const steps: (GivenCommit | CommandLine)[] = [];
  for (const line of given) {
    const last = steps.at(-1);
    if (line.kind === "command") steps.push(line);
    else if (line.kind === "together") {
      const decision = line.events.find((event) => isDecision(event.type));
      if (decision !== undefined) {
        throw new ScenarioFault(
          decision.line,
          `${decision.type} is a decision: it stands behind "together", not in it.`,
        );
      }
      steps.push({ kind: "commit", line: line.line, facts: [...line.events], decisions: [] });
    } else if (!isDecision(line.type)) {
      steps.push({ kind: "commit", line: line.line, facts: [line], decisions: [] });
    } else if (last?.kind === "commit") last.decisions.push(line);
    else
      throw new ScenarioFault(
        line.line,
        `${line.type} is a decision; it must stand behind the facts from which it follows.`,
      );
  }
  return steps;
}

function playCommand(play: Play, line: CommandLine): void {
  for (const happening of play.command(line)) {
    if (happening.kind === "event") continue;
    const why = happening.kind === "refused" ? `is refused (${happening.refusal.code})` : "changes nothing";
    throw new ScenarioFault(line.line, `This cannot be given: ${line.command} ${why} as things are then.`);
  }
}

function playCommit(play: Play, commit: GivenCommit): void {
  const facts: NewFact[] = [];
  let at = play.time;
  for (const line of commit.facts) {
    at = play.timeOf(line);
    const isTime = line.type === "time.passed";
    if (play.desk.isDue(at) !== isTime) {
      const due = play.desk.board.nextDue();
      const happens = due === undefined ? "nothing is due at all" : `the next thing (${due.kind}) is due at ${due.at}`;
      throw new ScenarioFault(line.line, `This past cannot have been: at ${at}, ${happens}, so ${mended(isTime)}.`);
    }
    const fact = recordedFact(line, at, play.desk, play.names);
    play.desk.announce(fact, at);
    facts.push(fact);
  }
  const events = play.desk.record(facts, commit.facts[0]?.actor ?? "admin", at);
  compareDecisions(play, commit, events);
}

function mended(isTime: boolean): string {
  return isTime ? "no time.passed was recorded" : "a time.passed must stand before this line";
}

function compareDecisions(play: Play, commit: GivenCommit, events: readonly RecordedEvent[]): void {
  for (const line of commit.decisions) if (line.at !== null) play.timeOf(line);
  const decided = events.filter((event) => isDecision(event.type)).map((event) => ({ kind: "event" as const, event }));
  const difference = differenceOf(commit.decisions, decided, play);
  if (difference === null) return;
  throw new ScenarioFault(
    difference.line ?? commit.line,
    `This past cannot have been; the rules decide otherwise:\n${difference.text}`,
  );
}
