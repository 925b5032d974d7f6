import { setImmediate as nextTurn } from "node:timers/promises";
import type { Runtime } from "../../src/runtime/runtime.ts";

interface Timer {
  readonly at_ms: number;
  readonly callback: () => void;
}

/** A world whose time stands still until a test moves it, and whose ids and chance are the same in every run. */
export class FakeRuntime implements Runtime {
  #wall_ms: number;
  #elapsed_ms = 0;
  #uuids = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = "2026-01-05T08:00:00.000Z") {
    this.#wall_ms = Date.parse(start);
  }

  now(): number {
    return this.#wall_ms;
  }

  elapsed(): number {
    return this.#elapsed_ms;
  }

  uuid(): string {
    this.#uuids += 1;
    return `0198c0de-0000-7000-8000-${this.#uuids.toString(16).padStart(12, "0")}`;
  }

  random(length: number): Uint8Array {
    return new Uint8Array(length).fill(7);
  }

  after(delay_ms: number, callback: () => void): () => void {
    const timer = { at_ms: this.#elapsed_ms + delay_ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Somebody sets the wall clock; no time passes. */
  setWallClock(instant: string): void {
    this.#wall_ms = Date.parse(instant);
  }

  /** Time stands still for everybody for so long, and no timer fires: a process that was stopped. */
  sleepThrough(delay_ms: number): void {
    this.#wall_ms += delay_ms;
    this.#elapsed_ms += delay_ms;
  }

  /** Lets time pass, each timer firing at its moment and everybody finishing what follows from it. */
  async pass(delay_ms: number): Promise<void> {
    const end_ms = this.#elapsed_ms + delay_ms;
    await settled();
    for (let next = this.#next(end_ms); next !== undefined; next = this.#next(end_ms)) {
      this.sleepThrough(Math.max(0, next.at_ms - this.#elapsed_ms));
      this.#timers.delete(next);
      next.callback();
      await settled();
    }
    this.sleepThrough(end_ms - this.#elapsed_ms);
  }

  #next(end_ms: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at_ms }) => at_ms <= end_ms);
    return due.sort((a, b) => a.at_ms - b.at_ms)[0];
  }
}

/** Some turns of the event loop: whatever needs no timer has happened by then. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}
