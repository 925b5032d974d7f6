import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { simulate } from "./simulate.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 20_231_217);
const runs = Number(process.env.SIMULATION_RUNS ?? 2000);
const wanted = { runs: 2000, commands: 50, count: 100, share_refused: 0.4 };

const it = suite("random sequences of commands");

it(
  "keep every invariant of the rules, try each rule and each transition often, and are mostly not refused",
  () => {
    console.log(
      `\n${runs} runs of at least ${wanted.commands} commands, seed ${seed} (SIMULATION_RUNS, SIMULATION_SEED)`,
    );
    const hits = simulate({ runs, seed, commands: wanted.commands });
    console.log(hits.toString());
    assert.ok(hits.commands >= runs * wanted.commands, "a run has too few commands");
    assert.ok(hits.refused <= wanted.share_refused * hits.commands, "too many commands were refused");
    // Fewer runs are for a quick look; they need not try everything.
    const rare = runs < wanted.runs ? [] : hits.table().filter(({ count }) => count < wanted.count);
    assert.equal(rare, [], `tried less than ${wanted.count} times`);
  },
  { timeout_ms: 110_000 },
);
