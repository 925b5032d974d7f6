import type { Waiting } from "./repeats.ts";

/** The commands that wait for their turn, those that came first in front. */
export class WaitingLine {
  #waiting: Waiting[] = [];

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
}
