/**
 * Plays random sequences of commands against the rules and prints what they tried.
 *
 *     npm run simulate -- --runs 20000 --seed 7     many runs; without a seed one is drawn and printed
 *     npm run simulate -- --moves 616623546,1678    one list of moves, as a failure prints it, with its story
 *     npm run simulate -- --nodes --runs 5000       several nodes on one ledger, which die between any two steps, whose appends
 *                                                   fail before or after they take effect, and whose clients ask again
 *
 * Exits 1 where something does not hold.
 */
import { randomInt } from "node:crypto";
import { failureOf, simulate } from "../tests/simulation/simulate.ts";
import { simulateCluster } from "../tests/simulation/simulate-cluster.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";

const values = readOptions(import.meta.url, {
  runs: { type: "string", default: "2000" },
  seed: { type: "string", default: String(randomInt(2 ** 31)) },
  commands: { type: "string" },
  moves: { type: "string" },
  nodes: { type: "boolean", default: false },
});

if (values.moves !== undefined) {
  const moves = values.moves.split(",").map((move) => wholeNumber("moves", move));
  const failure = failureOf(moves, (line) => console.log(line));
  console.log(failure ?? "Everything holds.");
  process.exitCode = failure === null ? 0 : 1;
} else if (values.nodes) {
  const rounds = wholeNumber("commands", values.commands ?? "8");
  const options = { runs: wholeNumber("runs", values.runs), seed: wholeNumber("seed", values.seed), rounds };
  console.log(`${options.runs} runs of ${rounds} rounds of commands, from seed ${options.seed}`);
  try {
    console.log(await simulateCluster(options));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} else {
  const options = {
    runs: wholeNumber("runs", values.runs),
    seed: wholeNumber("seed", values.seed),
    commands: wholeNumber("commands", values.commands ?? "50"),
  };
  console.log(`${options.runs} runs of at least ${options.commands} commands, seed ${options.seed}`);
  try {
    console.log(simulate(options).toString());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
