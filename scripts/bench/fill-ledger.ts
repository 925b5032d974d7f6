import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Desk } from "../../src/desk/desk.ts";
import type { Outcome } from "../../src/desk/submission.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import type { Command } from "../../src/rules/commands.ts";
import { type Runtime, systemRuntime } from "../../src/runtime/runtime.ts";
import { type DayOptions, generateDay } from "../demo/generate-day.ts";
import type { Step } from "../demo/step.ts";

/** Where a day goes. */
export interface FillOptions extends DayOptions {
  /** A directory whose ledger does not exist yet. */
  readonly data_dir: string;
  /** When the day begins, an instant. */
  readonly begins: string;
}

/** What was written. */
export interface Filled {
  readonly steps: number;
  readonly written: number;
  readonly refused: number;
  readonly position: number;
}

/** How many commands go to the desk together. */
const wave_length = 64;

/**
 * Fills a ledger with a generated day, through the desk and its rules, as fast as it goes: the ledger's time is the day's.
 * What comes of it is what a service would have written that was told the same at the same times.
 */
export async function fillLedger({ data_dir, begins, ...day }: FillOptions): Promise<Filled> {
  mkdirSync(data_dir, { recursive: true, mode: 0o700 });
  const clock = { ms: Date.parse(begins) };
  const runtime: Runtime = { ...systemRuntime(), now: () => clock.ms, elapsed: () => clock.ms };
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), runtime });
  // The day's clock runs ahead of what waits: nothing is turned away for having waited.
  const longest_wait_ms = Number.POSITIVE_INFINITY;
  const desk = await Desk.open({ ledger, runtime, loadBoard: () => boardAt(ledger), longest_wait_ms });
  const numbers = new Map<number, number>();
  const counts = { steps: 0, written: 0, refused: 0 };
  let wave: Promise<void>[] = [];
  const flush = async (): Promise<void> => {
    await Promise.all(wave);
    wave = [];
  };
  const note = (step: Step, outcome: Outcome): void => {
    if (outcome.kind === "written") counts.written += 1;
    if (outcome.kind === "refused") counts.refused += 1;
    if (step.kind === "report" && outcome.kind === "written" && outcome.incident !== null) {
      numbers.set(step.incident, numbers.get(step.incident) ?? outcome.incident.number);
    }
  };
  for (const step of generateDay(day)) {
    if (wave.length >= wave_length || !isKnown(step, numbers)) await flush();
    clock.ms = Date.parse(begins) + step.at_seconds * 1000;
    const command = commandOf(step, numbers, runtime);
    counts.steps += 1;
    if (command === null || isBesideThePoint(desk, command)) continue;
    wave.push(desk.submit({ command, actor: "admin" }).then((outcome) => note(step, outcome)));
  }
  await flush();
  await desk.close();
  const { position } = await ledger.head();
  await ledger.close();
  return { ...counts, position };
}

function isKnown(step: Step, numbers: ReadonlyMap<number, number>): boolean {
  if (step.kind === "merge") return numbers.has(step.incident) && numbers.has(step.into);
  return step.kind === "report" || !("incident" in step) || numbers.has(step.incident);
}

/** Nobody acknowledges what nobody has. */
function isBesideThePoint({ board }: Desk, command: Command): boolean {
  return command.kind === "acknowledge" && board.incidents.get(command.incident)?.status === "pending";
}

/** The command that a step stands for; null where its incident never came to be. */
function commandOf(step: Step, numbers: ReadonlyMap<number, number>, runtime: Runtime): Command | null {
  switch (step.kind) {
    case "team":
      return { kind: "create-team", team: step.team };
    case "handler":
      return { kind: "add-handler", handler: step.handler, team: step.team, capacity: step.capacity };
    case "shift": {
      const { handler, available, release, reason } = step;
      return { kind: "change-handler", handler, available, reason, ...(available ? {} : { release }) };
    }
    case "report": {
      const { at_seconds: _at, incident: _incident, ...report } = step;
      return { ...report, incident_id: runtime.uuid() };
    }
    default: {
      const incident = numbers.get(step.incident);
      return incident === undefined ? null : onIncident(step, incident, numbers, runtime);
    }
  }
}

function onIncident(
  step: Exclude<Step, { kind: "team" | "handler" | "shift" | "report" }>,
  incident: number,
  numbers: ReadonlyMap<number, number>,
  runtime: Runtime,
): Command | null {
  switch (step.kind) {
    case "comment":
      return { kind: "comment", incident, text: step.text };
    case "hand-over":
      return { kind: "assign", incident, handler: step.handler, reason: step.reason };
    case "snooze": {
      const until = new Date(runtime.now() + Math.max(1000, step.minutes * 60_000)).toISOString();
      return { kind: "snooze", incident, until };
    }
    case "merge": {
      const into = numbers.get(step.into);
      return into === undefined ? null : { kind: "merge", incident, into };
    }
    case "resolve":
      return { kind: "resolve", incident, resolution: step.resolution };
    case "escalate":
    case "dismiss":
    case "reopen":
      return { kind: step.kind, incident, reason: step.reason };
    case "acknowledge":
      return { kind: "acknowledge", incident };
    default:
      return step satisfies never;
  }
}
