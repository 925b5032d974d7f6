import { array, assert, nat, noBias, property } from "fast-check";
import { Hits } from "./hits.ts";
import { play } from "./play.ts";
import { shortestFailing } from "./shortest.ts";

export interface SimulationOptions {
  readonly runs: number;
  /** The same seed gives the same runs. */
  readonly seed: number;
  /** Every run has at least as many commands. */
  readonly commands?: number;
}

/**
 * Plays many random runs; returns what they went through. Throws at the first thing that does not hold, with the seed,
 * a short list of moves that fails in the same way, and its story.
 */
export function simulate({ runs, seed, commands = 50 }: SimulationOptions): Hits {
  const hits = new Hits();
  // The first move opens the ledger; the others are commands.
  const moves = array(noBias(nat()), { minLength: commands + 1, maxLength: commands + 10 });
  const holds = property(moves, (list) => play(list, hits));
  try {
    assert(holds, { numRuns: runs, seed, endOnFailure: true, reporter: throwCounterexample });
  } catch (error) {
    if (!(error instanceof FailingMoves)) throw error;
    throw new Error(`seed ${seed}: ${story(error.moves)}`);
  }
  return hits;
}

class FailingMoves extends Error {
  readonly moves: readonly number[];

  constructor(moves: readonly number[]) {
    super("a run failed");
    this.moves = moves;
  }
}

function throwCounterexample(details: {
  readonly failed: boolean;
  readonly counterexample: readonly [readonly number[]] | null;
}): void {
  if (details.failed && details.counterexample !== null) throw new FailingMoves(details.counterexample[0]);
}

function story(moves: readonly number[]): string {
  const message = failureOf(moves);
  const short = shortestFailing(moves, (list) => failureOf(list) !== null);
  const lines: string[] = [];
  const last = failureOf(short, (line) => lines.push(line));
  const replay = `npm run simulate -- --moves ${short.join(",")}`;
  return [message, `shortened to ${short.length} moves (${replay}):`, ...lines, last].join("\n");
}

/** Why a list of moves fails, or null. */
export function failureOf(moves: readonly number[], tell?: (line: string) => void): string | null {
  try {
    play(moves, new Hits(), tell === undefined ? {} : { tell });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
