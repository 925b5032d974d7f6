import { suite } from "../support/suite.ts";
import { simulateCluster } from "./simulate-cluster.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 20_240_229);
const runs = 300;

const it = suite("three nodes on one ledger that die between any two steps");

it(
  "record what was answered once and nothing twice; all that the rules say holds after every event",
  async () => {
    console.log(`\n${runs} runs from seed ${seed} (SIMULATION_SEED)`);
    console.log(await simulateCluster({ runs, rounds: 8, seed }));
  },
  { timeout_ms: 110_000 },
);
