import { type ClusterFigures, playCluster } from "./cluster.ts";

/** How many runs, of how many rounds of commands each; the first has this seed, the next one the next. */
export interface ClusterSimulation {
  readonly runs: number;
  readonly rounds: number;
  readonly seed: number;
}

/** Plays many runs of several nodes; says what they went through. Rejects at the first thing that does not hold, with its seed. */
export async function simulateCluster({ runs, rounds, seed }: ClusterSimulation): Promise<string> {
  const figures: ClusterFigures = { commands: 0, written: 0, crashes: 0, failures: 0 };
  for (let run = seed; run < seed + runs; run += 1) {
    await playCluster(run, rounds, figures).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      const again = `npm run simulate -- --nodes --runs 1 --commands ${rounds} --seed ${run}`;
      throw new Error(`${message}\nAgain: ${again}`, { cause: error });
    });
  }
  const { commands, written, crashes, failures } = figures;
  if (runs >= 100 && (crashes < runs / 2 || written < runs))
    throw new Error("Too little went wrong, or right, to prove anything.");
  return `${commands} commands, ${written} answers that something was written, ${crashes} crashes, ${failures} failing appends`;
}
