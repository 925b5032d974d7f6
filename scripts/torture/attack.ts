import type { Choices } from "../../tests/simulation/choices.ts";

/** A program without which an attack cannot be made. */
export type Tool = "strace" | "gcc" | "prlimit";

/** What one run of an attack gets. */
export interface Trial {
  readonly seed: number;
  /** Chance, the same for the same seed. */
  readonly choices: Choices;
  /** An empty directory, removed afterwards unless something failed. */
  readonly directory: string;
  /** Whether there is time for another round. */
  readonly hasTime: () => boolean;
  /** Tells people what happens. */
  readonly say: (line: string) => void;
}

/** What an attack did, where nothing was wrong. */
export interface Survived {
  readonly rounds: number;
  /** What was looked at afterwards, in numbers. */
  readonly checked: string;
  /** A part that this machine did not allow, and why; absent where there was none. */
  readonly left_out?: string;
}

/** One way to break the service. */
export interface Attack {
  readonly name: string;
  /** Its part of the time that all have together. */
  readonly share: number;
  /** Whether nothing else may run beside it: it measures what the machine can do. */
  readonly is_alone?: true;
  readonly needs: readonly Tool[];
  /** Rejects where the service broke. */
  readonly run: (trial: Trial) => Promise<Survived>;
}

/** Throws unless this holds: what a proof is made of. */
export function insist(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
