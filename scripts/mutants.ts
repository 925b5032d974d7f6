/**
 * Plants mistakes in the rules and folds, one at a time, in a copy of the sources, and runs the property tests on each
 * (where those stay silent, the scenarios). Prints what caught which; exits 1 where one survives, or where the text that
 * it changes is not there any more.
 *
 *     npm run mutants             all of them
 *     npm run mutants -- queue    those whose name contains a word
 *
 * MUTANT_RUNS (default 400) is how many random sequences each has to survive.
 */
import { existsSync } from "node:fs";
import type { Mutant } from "./mutants/mutant.ts";
import { mutantsOfDecisions } from "./mutants/of-decisions.ts";
import { mutantsOfFolds } from "./mutants/of-folds.ts";
import { PlantedTree } from "./mutants/planted-tree.ts";

const tests = ["tests/simulation/rules.test.ts", "tests/scenarios/scenarios.test.ts"].filter((file) =>
  existsSync(file),
);
const environment = { SIMULATION_RUNS: process.env.MUTANT_RUNS ?? "400" };
const limit_ms = 60_000;
const concurrency = 2;

interface Result {
  readonly mutant: Mutant;
  readonly caught_by: string | null;
  readonly complaint: string;
}

/** Runs the tests until one fails. */
async function judge(tree: PlantedTree, mutant: Mutant): Promise<Result> {
  let takeOut: (() => void) | null = null;
  try {
    takeOut = tree.plant(mutant);
    for (const test of tests) {
      const { passed, complaint } = await tree.run(test, environment, limit_ms);
      if (!passed) return { mutant, caught_by: test, complaint };
    }
    return { mutant, caught_by: null, complaint: "SURVIVED" };
  } catch (error) {
    return { mutant, caught_by: null, complaint: error instanceof Error ? error.message : String(error) };
  } finally {
    takeOut?.();
  }
}

const words = process.argv.slice(2);
const all = [...mutantsOfDecisions, ...mutantsOfFolds];
const waiting = all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const results: Result[] = [];
const began_ms = Date.now();

async function work(): Promise<void> {
  const tree = new PlantedTree();
  try {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const result = await judge(tree, mutant);
      results.push(result);
      const { caught_by, complaint } = result;
      console.log(`${caught_by === null ? "FAIL" : "ok  "}  ${mutant.name}`);
      console.log(`      ${mutant.file}: ${caught_by === null ? complaint : `${caught_by}: ${complaint}`}`);
    }
  } finally {
    tree.remove();
  }
}

/** Without a mutant everything must pass, or nothing that follows would mean anything. */
async function checkUnchanged(): Promise<boolean> {
  const tree = new PlantedTree();
  try {
    for (const test of tests) {
      const { passed, complaint } = await tree.run(test, environment, limit_ms);
      if (!passed) console.log(`FAIL  ${test} fails without any mutant: ${complaint}`);
      if (!passed) return false;
    }
    return true;
  } finally {
    tree.remove();
  }
}

const isSound = waiting.length > 0 && (await checkUnchanged());
if (isSound) await Promise.all(Array.from({ length: concurrency }, work));
const survived = results.filter(({ caught_by }) => caught_by === null).length;
const seconds = ((Date.now() - began_ms) / 1000).toFixed(0);
console.log(`\n${results.length - survived} mutants caught, ${survived} not, after ${seconds} s`);
process.exitCode = isSound && survived === 0 ? 0 : 1;
