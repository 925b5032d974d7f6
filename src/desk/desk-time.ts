import type { Runtime } from "../runtime/runtime.ts";

/**
 * Desk time: never before the wall clock, never running back, never standing still while time passes. Where the wall
 * clock jumps back, it goes on by the monotonic clock.
 */
export class DeskTime {
  readonly #runtime: Runtime;
  #base_ms: number;
  #base_elapsed_ms: number;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#base_ms = runtime.now();
    this.#base_elapsed_ms = runtime.elapsed();
  }

  /** The time now, an instant, not before `floor` (the time of the head; empty: no floor). */
  now(floor: string): string {
    return new Date(this.#now_ms(floor)).toISOString();
  }

  /** By how many milliseconds desk time is ahead of the wall clock. */
  ahead_ms(floor: string): number {
    return Math.max(0, this.#now_ms(floor) - this.#runtime.now());
  }

  #now_ms(floor: string): number {
    const wall_ms = this.#runtime.now();
    const elapsed_ms = this.#runtime.elapsed();
    const passed_ms = Math.floor(this.#base_ms + (elapsed_ms - this.#base_elapsed_ms));
    const floor_ms = floor === "" ? 0 : Date.parse(floor);
    const now_ms = Math.max(wall_ms, passed_ms, floor_ms);
    if (now_ms > passed_ms) {
      this.#base_ms = now_ms;
      this.#base_elapsed_ms = elapsed_ms;
    }
    return now_ms;
  }
}
