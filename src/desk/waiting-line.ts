import type { Runtime } from "../runtime/runtime.ts";
import type { Waiting } from "./repeats.ts";

/** How much of the time that a batch took those who were answered are given to return, and how long at most. */
const return_share = 1 / 4;
const longest_return_ms = 10;

/** The commands that wait for their turn, those that came first in front. */
export class WaitingLine {
  readonly #runtime: Pick<Runtime, "after">;
  #waiting: Waiting[] = [];

  /** `runtime` tells when a moment is over. */
  constructor(runtime: Pick<Runtime, "after">) {
    this.#runtime = runtime;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Puts a command at the end. */
  join(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** Puts commands back in front, in their order. */
  putBack(...waiting: readonly Waiting[]): void {
    this.#waiting.unshift(...waiting);
  }

  /** Takes so many from the front, or all. */
  take(most = this.#waiting.length): Waiting[] {
    return this.#waiting.splice(0, most);
  }

  /** Takes those that have waited since before that moment of the monotonic clock: all of them are in front. */
  takeLate(latest_ms: number): Waiting[] {
    const in_time = this.#waiting.findIndex(({ since_ms }) => since_ms >= latest_ms);
    return this.take(in_time === -1 ? this.#waiting.length : in_time);
  }

  /** Lets arrive what is on its way: turns of the event loop for as long as each brings more. */
  async gather(most: number): Promise<void> {
    for (let seen = 0; seen < this.#waiting.length && seen < most; ) {
      seen = this.#waiting.length;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /**
   * Waits a moment where the last batch took long to write. Those who were just answered often have more to say at once,
   * and what does not go with the next batch waits for all of it.
   */
  async letReturn(most: number, last_batch_ms: number): Promise<void> {
    const pause_ms = Math.min(last_batch_ms * return_share, longest_return_ms);
    if (pause_ms < 1 || this.#waiting.length >= most) return;
    await new Promise<void>((resolve) => {
      this.#runtime.after(pause_ms, resolve);
    });
  }
}
