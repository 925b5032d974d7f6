import type { Spread } from "./measure.ts";

/** How the benchmark is run. */
export interface BenchSettings {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** How many incidents the large ledgers have. */
  readonly incidents: number;
}

/** What one row of the table measured. */
export interface Measured {
  /** What the goal is about: mostly a ratio. */
  readonly value: Spread;
  readonly is_reached: boolean;
  /** What it was made of, and what else was seen. */
  readonly details: Readonly<Record<string, Spread | number | string>>;
}

/** A row of the table: something that is measured next to a yardstick, in the same run. */
export interface BenchRow {
  /** By which it is named on the command line. */
  readonly key: string;
  readonly what: string;
  readonly goal: string;
  readonly run: (settings: BenchSettings) => Promise<Measured>;
}
