import { availableParallelism } from "node:os";
import type { Attack } from "./attack.ts";

/** An attack and the time that it has, in milliseconds. */
export interface Allotted {
  readonly attack: Attack;
  readonly time_ms: number;
}

/** Who runs beside whom: each lane's attacks one after another, all lanes at once; before them, one by one, those that run alone. */
export interface Schedule {
  readonly alone: readonly Allotted[];
  readonly lanes: readonly (readonly Allotted[])[];
}

/**
 * Splits the time that all attacks have together by their shares. On a machine with two processors or more three lanes run at
 * once, since much is waited for. The longest come first: each goes to the lane that has least to do.
 */
export function scheduleOf(attacks: readonly Attack[], seconds: number, processors = availableParallelism()): Schedule {
  const alone = attacks.filter(({ is_alone }) => is_alone === true);
  const others = attacks.filter(({ is_alone }) => is_alone !== true).sort((a, b) => b.share - a.share);
  const lanes = Array.from({ length: processors > 1 ? 3 : 1 }, (): Attack[] => []);
  for (const attack of others) lanes.sort((a, b) => sharesOf(a) - sharesOf(b))[0]?.push(attack);
  const whole = sharesOf(alone) + Math.max(...lanes.map(sharesOf));
  const allot = (attack: Attack): Allotted => ({ attack, time_ms: (seconds * 1000 * attack.share) / whole });
  return { alone: alone.map(allot), lanes: lanes.map((lane) => lane.map(allot)) };
}

function sharesOf(attacks: readonly Attack[]): number {
  return attacks.reduce((sum, { share }) => sum + share, 0);
}
