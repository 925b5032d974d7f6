import type { Board } from "../../projections/board.ts";

/** What the gauges read at a scrape. */
export interface MetricSources {
  readonly desk: {
    readonly board: Board;
    readonly state: string;
    readonly waiting: number;
    readonly queue_length: number;
    readonly durable_position: number;
    now(): string;
    clockAhead_ms(): number;
  };
  readonly list: { readonly position: number; readonly state: string };
  readonly feed: {
    readonly clients: number;
    readonly catching_up: number;
    readonly cut_off: number;
    readonly lag_ms: number;
  };
  readonly scrub: { readonly position: number; readonly faults: number };
  /** Where the files are; left out where there are none. */
  readonly config: { readonly data_dir?: string };
  readonly runtime: { now(): number };
  readonly about: { readonly version: string };
}
