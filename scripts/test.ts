/**
 * Runs the tests: every tests/**\/*.test.ts, or those whose path contains one of the words on the command line
 * (`npm test -- queue board`). A few files at a time share a process, because loading
 * the service takes longer than most tests; those that start processes themselves have one of their own. The last line is always
 * `N passed, N failed, N skipped`; the exit code is 1 when anything failed, also when there was nothing to run. The service
 * and the tests are compiled first, because the tests run what users run, and because that loads three times as fast.
 *
 * TEST_FILE_LIMIT_MS (default 120000) is how long one file may take, TEST_CONCURRENCY (default 2) how many run at once;
 * TEST_PATIENCE (default 1) stretches all limits of time, for machines that have much else to do.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { patience } from "../tests/support/time-limit.ts";
import type { CompiledTests } from "./test/compile-tests.ts";
import {
  asWritten,
  bundled,
  compiled,
  endAllTestProcesses,
  type FileOutcome,
  runTestFiles,
} from "./test/run-test-files.ts";

const limit_ms = positiveNumber("TEST_FILE_LIMIT_MS", 120_000) * patience;
const concurrency = positiveNumber("TEST_CONCURRENCY", 2);

function positiveNumber(variable: string, standard: number): number {
  const value = Number(process.env[variable] ?? standard);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${variable} must be a whole number above zero, but is "${process.env[variable]}".`);
  process.exit(1);
}

function findTestFiles(words: readonly string[]): string[] {
  return readdirSync("tests", { recursive: true, encoding: "utf8" })
    .map((path) => join("tests", path))
    .filter((path) => path.endsWith(isProject ? ".test.ts" : ".test.js") && !path.includes("node_modules"))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort();
}

/** How many files share a process at most. */
const most_together = 6;
const alone = /^tests\/(?:cli|ledger|scripts|simulation)\//;

/**
 * The files, parted into those that share a process. Those that have one of their own take longest, and so come first; towards the
 * end ever fewer share one. So nobody waits at the end for some of them while all else is done.
 */
function together(files: readonly string[]): string[][] {
  const groups = files.filter((file) => alone.test(file)).map((file) => [file]);
  const sharing = files.filter((file) => !alone.test(file));
  while (sharing.length > 0) {
    const some = Math.ceil(sharing.length / (2 * concurrency));
    groups.push(sharing.splice(0, Math.min(some, most_together)));
  }
  return groups;
}

/** Loads the compiler only where there is something to compile. */
async function compileAll(): Promise<CompiledTests> {
  const { compileTests } = await import("./test/compile-tests.ts");
  return compileTests();
}

function report(outcome: FileOutcome): void {
  const { file, passed, failed, skipped, skips, trouble } = outcome;
  const counts = [`${passed} passed`];
  if (failed > 0) counts.push(`${failed} failed`);
  if (skipped > 0) counts.push(`${skipped} skipped`);
  const duration = `${(outcome.duration_ms / 1000).toFixed(1)} s`;
  console.log(`${failed > 0 ? "FAIL" : "ok  "}  ${file}  ${counts.join(", ")}  ${duration}`);
  for (const skip of skips) console.log(`      skipped "${skip.suite}: ${skip.sentence}": ${skip.reason}`);
  if (failed === 0) return;
  console.log(outcome.output.trimEnd().replaceAll(/^/gm, "    "));
  if (trouble !== undefined) console.log(`    ${file} ${trouble}.`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    endAllTestProcesses();
    process.exit(1);
  });
}

// A folder of tests alone, such as the runner's own tests make, has nothing to set up, and JavaScript, so nothing to compile.
const setup = join("scripts", "setup.mjs");
const isProject = existsSync(setup);
if (isProject) {
  const { status } = spawnSync(process.execPath, [setup], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
const { broken, unbundled } = isProject ? await compileAll() : { broken: new Map<string, string>(), unbundled: null };
if (unbundled !== null) console.log(`The tests are not bundled, and so load slowly: ${unbundled}`);
const way = !isProject ? asWritten : unbundled === null ? bundled : compiled;

const words = process.argv.slice(2);
const files = findTestFiles(words);
const waiting = together(files.filter((file) => !broken.has(file)));
const outcomes: FileOutcome[] = [];
for (const [file, output] of broken) {
  // What is no test breaks those that import it, and all of a whole run.
  if (!files.includes(file) && words.length > 0) continue;
  const nothing = { passed: 0, failed: 1, skipped: 0, skips: [], duration_ms: 0 };
  const outcome = { file, output, trouble: "cannot be compiled", ...nothing };
  outcomes.push(outcome);
  report(outcome);
}
if (files.length === 0) console.log(`No test file under tests/ matches ${words.join(" ") || "*.test.ts"}.`);

await Promise.all(
  Array.from({ length: concurrency }, async () => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      const left = await runTestFiles(group, way, limit_ms, (outcome) => {
        outcomes.push(outcome);
        report(outcome);
      });
      if (left.length > 0) waiting.unshift([...left]);
    }
  }),
);

const total = { passed: 0, failed: outcomes.length === 0 ? 1 : 0, skipped: 0 };
for (const { passed, failed, skipped } of outcomes) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
const failing = outcomes.filter((outcome) => outcome.failed > 0);
if (failing.length > 0) console.log(`\nFailed: ${failing.map((outcome) => outcome.file).join(", ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
