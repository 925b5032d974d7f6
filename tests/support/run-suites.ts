import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { leaks } from "./produced/produced.ts";
import type { TestResult } from "./test-result.ts";
import { type Hook, withinTime } from "./time-limit.ts";

export type { Hook };

/** One suite as its file wrote it down, before anything of it has run. */
export interface PlannedSuite {
  name: string;
  tests: { sentence: string; test: Hook; timeout_ms: number | undefined }[];
  skips: { sentence: string; reason: string }[];
  before: Hook[];
  after: Hook[];
  before_each: Hook[];
  after_each: Hook[];
}

let plans: PlannedSuite[] = [];
let result: TestResult = { passed: 0, failed: 0, skipped: 0, skips: [] };
let state: "collecting" | "running" | "done" = "collecting";
let current = "";
let finished = 0;
let isOneOfSeveral = false;

process.once("exit", () => {
  if (state !== "running") return;
  console.error(`The process ended during "${current}", before all its tests were done.`);
  process.exitCode = 1;
});

/** Imports a test file, runs its suites and tells what became of them. Throws what the file throws while it is loaded. */
export async function runFile(url: string): Promise<TestResult> {
  isOneOfSeveral = true;
  plans = [];
  result = { passed: 0, failed: 0, skipped: 0, skips: [] };
  finished = 0;
  state = "collecting";
  await import(url);
  await runPlans();
  return result;
}

/** Puts a suite on the list of those to run. Returns a check that refuses a test that comes when they already run. */
export function planSuite(plan: PlannedSuite): (sentence: string) => void {
  const check = (what: string): void => {
    if (state !== "collecting")
      throw new Error(`"${what}" was added after the tests had begun; add it at the file's top level.`);
  };
  check(plan.name);
  plans.push(plan);
  if (plans.length === 1 && !isOneOfSeveral) setImmediate(() => void runAlone());
  return check;
}

/** Runs a test file that is the main module of its process, when it has been evaluated, and ends the process. */
async function runAlone(): Promise<void> {
  try {
    // Importing the module that is being evaluated waits for its top-level awaits; it is not evaluated twice.
    const main = process.argv[1];
    if (main !== undefined) await import(pathToFileURL(realpathSync(main)).href);
  } catch {
    return; // Node itself reports what the main module threw, and ends with 1.
  }
  await runPlans();
  process.exit(result.failed > 0 ? 1 : 0);
}

async function runPlans(): Promise<void> {
  state = "running";
  // uvu otherwise starts by itself, at a moment that nobody can wait for.
  Object.assign(globalThis, { UVU_DEFER: true, UVU_QUEUE: [[null]], UVU_INDEX: 0 });
  const { suite, exec } = await import("uvu");
  for (const plan of plans) handOver(plan, suite(plan.name));
  await exec();

  const planned = plans.reduce((sum, plan) => sum + plan.tests.length, 0);
  const unaccounted = planned - finished;
  if (unaccounted > 0) fail(`${unaccounted} tests did not come to an end`, undefined, unaccounted);
  for (const plan of plans) settleSkips(plan);
  for (const leak of leaks()) fail(leak);
  state = "done";
}

/** Gives a planned suite to uvu, with our own hooks around each test, since uvu loses what hooks throw. */
function handOver(plan: PlannedSuite, target: ReturnType<typeof import("uvu")["suite"]>): void {
  let not_ready: Error | undefined;
  target.before(async () => {
    not_ready = await failureOf(plan.before, `${plan.name}: the hook before all tests`);
  });
  for (const { sentence, test, timeout_ms } of plan.tests) {
    target(sentence, async () => {
      current = `${plan.name}: ${sentence}`;
      let failure = not_ready ?? (await failureOf(plan.before_each, `the hook before "${sentence}"`));
      failure ??= await failureOf([test], `"${sentence}"`, timeout_ms);
      // A test that never began needs no tidying when even the suite's own hook had failed.
      const untidy =
        not_ready === undefined ? await failureOf(plan.after_each, `the hook after "${sentence}"`) : undefined;
      if (failure !== undefined && untidy !== undefined)
        console.error(`\n  ${current}: the hook after it failed too:`, untidy);
      failure ??= untidy;
      finished += 1;
      if (failure === undefined) result.passed += 1;
      else result.failed += 1;
      if (failure !== undefined) throw failure;
    });
  }
  target.after(async () => {
    const failure = await failureOf(plan.after, `${plan.name}: the hook after all tests`);
    if (failure !== undefined) fail(`${plan.name}: the hook after all tests failed`, failure);
  });
  for (const { sentence } of plan.skips) target.skip(sentence);
  if (plan.tests.length + plan.skips.length === 0) fail(`The suite "${plan.name}" has no test`);
  target.run();
}

/** Runs the steps one after another, each within its time, and returns what the first failing one threw. */
async function failureOf(steps: readonly Hook[], name: string, timeout_ms?: number): Promise<Error | undefined> {
  try {
    for (const step of steps) await withinTime(step, name, timeout_ms);
    return undefined;
  } catch (thrown) {
    // uvu reads name and message of whatever was thrown, and breaks off where they are missing.
    return thrown instanceof Error
      ? thrown
      : new Error(`${name} threw something that is not an Error: ${String(thrown)}`);
  }
}

function settleSkips(plan: PlannedSuite): void {
  for (const { sentence, reason } of plan.skips) {
    result.skips.push({ suite: plan.name, sentence, reason });
    if (process.env.CI === "true") fail(`"${plan.name}: ${sentence}" is skipped, which CI does not allow (${reason})`);
    else result.skipped += 1;
  }
}

function fail(sentence: string, cause?: Error, count = 1): void {
  result.failed += count;
  console.error(`\n  FAIL  ${sentence}.`, cause ?? "");
}
