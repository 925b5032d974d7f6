/**
 * Tries to break the service: real processes of the compiled program are killed, their disks filled and made to fail, their
 * files damaged, their clocks turned, while clients write to them and remember every answer.
 *
 *     npm run torture                                   everything, in less than two minutes
 *     npm run torture -- --seconds 3600                 everything, for an hour in all
 *     npm run torture -- --only killed,disk             some of the attacks
 *     npm run torture -- --only rot --seed 7            what was seen before, again
 *
 * The time is split over the attacks, three of which run at once where there are two processors. What an attack does at the
 * least (twenty kills) it does however slow the machine is.
 * Exits 1 where something broke. Where the machine lacks what an attack needs it is skipped, and the table says why; with
 * CI=true that is a failure, too.
 */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Choices } from "../tests/simulation/choices.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";
import type { Attack } from "./torture/attack.ts";
import { attacks } from "./torture/attacks.ts";
import { type Allotted, scheduleOf } from "./torture/schedule.ts";
import { missingTool } from "./torture/tools.ts";

interface Line {
  readonly attack: string;
  readonly rounds: string;
  readonly result: "ok" | "failed" | "skipped";
  readonly seconds: string;
  readonly what: string;
}

const values = readOptions(import.meta.url, {
  only: { type: "string" },
  seconds: { type: "string", default: "80" },
  seed: { type: "string", default: String(randomInt(2 ** 31)) },
});
const seed = wholeNumber("seed", values.seed);
const seconds = wholeNumber("seconds", values.seconds);
const chosen = chosenAttacks(values.only);

const { status } = spawnSync(process.execPath, [join("scripts", "setup.mjs")], { stdio: "inherit" });
if (status !== 0) process.exit(1);

const began_ms = Date.now();
console.log(`seed ${seed}`);
const { alone, lanes } = scheduleOf(chosen, seconds);
const lines: Line[] = [];
await surviveAll(alone);
await Promise.all(lanes.map(surviveAll));
console.log();
printTable(lines);
console.log(`${lines.length} attacks in ${since(began_ms)}`);
const isStrict = process.env.CI === "true";
const broken = lines.filter(({ result }) => result === "failed" || (isStrict && result === "skipped"));
process.exit(broken.length > 0 ? 1 : 0);

async function surviveAll(attacks: readonly Allotted[]): Promise<void> {
  for (const one of attacks) lines.push(await survive(one));
}

async function survive({ attack, time_ms }: Allotted): Promise<Line> {
  const { name } = attack;
  const missing = attack.needs.map(missingTool).find((reason) => reason !== null) ?? null;
  if (missing !== null) return { attack: name, rounds: "", result: "skipped", seconds: "", what: missing };
  const directory = mkdtempSync(join(tmpdir(), `incident-ledger-${name}-`));
  const began_ms = Date.now();
  const until_ms = began_ms + time_ms;
  try {
    const { rounds, checked, left_out } = await attack.run({
      seed,
      choices: new Choices(seed),
      directory,
      hasTime: () => Date.now() < until_ms,
      say: (line) => console.log(`${name}: ${line}`),
    });
    rmSync(directory, { recursive: true, force: true });
    const what = left_out === undefined ? checked : `${checked}; left out: ${left_out}`;
    const result = left_out !== undefined && process.env.CI === "true" ? "failed" : "ok";
    return { attack: name, rounds: String(rounds), result, seconds: since(began_ms), what };
  } catch (error) {
    console.log(`${name} FAILED: ${error instanceof Error ? error.stack : String(error)}`);
    console.log(
      `What is left of it is in ${directory}. Again: npm run torture -- --only ${name} --seed ${seed} --seconds ${Math.ceil(time_ms / 1000)}`,
    );
    const what = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    return { attack: name, rounds: "", result: "failed", seconds: since(began_ms), what };
  }
}

function since(began_ms: number): string {
  return `${((Date.now() - began_ms) / 1000).toFixed(1)} s`;
}

function chosenAttacks(only: string | undefined): readonly Attack[] {
  if (only === undefined) return attacks;
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.find((name) => attacks.every((attack) => attack.name !== name));
  if (unknown === undefined) return attacks.filter(({ name }) => names.includes(name));
  console.error(`There is no attack "${unknown}"; there are ${attacks.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

function printTable(rows: readonly Line[]): void {
  const columns = ["attack", "rounds", "result", "seconds", "what"] as const;
  const header: Record<(typeof columns)[number], string> = {
    attack: "attack",
    rounds: "rounds",
    result: "result",
    seconds: "time",
    what: "what was checked, or what is wrong",
  };
  const all = [header, ...rows];
  const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all) {
    console.log(
      columns
        .map((column, index) => row[column].padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}
