import type { Runtime } from "../runtime/runtime.ts";

interface Waiter {
  readonly position: number;
  readonly settle: (reached: boolean) => void;
}

/** Those who wait until something has come to a position. */
export class PositionWaiters {
  readonly #runtime: Pick<Runtime, "after">;
  #waiters: Waiter[] = [];

  constructor(runtime: Pick<Runtime, "after">) {
    this.#runtime = runtime;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.length;
  }

  /** True as soon as the position is reached; false after so many milliseconds, or when all are sent away. */
  wait(position: number, timeout_ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        position,
        settle: (reached) => {
          cancel();
          resolve(reached);
        },
      };
      const cancel = this.#runtime.after(timeout_ms, () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(false);
      });
      this.#waiters.push(waiter);
    });
  }

  /** Lets those go on whose position is reached. */
  reached(position: number): void {
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((waiter) => waiter.position > position);
    for (const waiter of waiting) if (waiter.position <= position) waiter.settle(true);
  }

  /** Sends everybody away. */
  giveUp(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.settle(false);
  }
}
