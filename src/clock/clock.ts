import type { Desk } from "../desk/desk.ts";
import type { Runtime } from "../runtime/runtime.ts";

const longestSleep_ms = 1000;
/** How long it waits before it tries again, where the desk could not be told what is overdue. */
const pause_ms = 250;

/** What a clock needs. */
export interface ClockOptions {
  readonly desk: Desk;
  readonly runtime: Runtime;
  /** Hears of what went wrong, for the log. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

/**
 * Tells the desk the time when something is due, and looks once a second what others have appended. After a standstill
 * of any length the overdue work is done once, in due order, by one `pass-time`.
 */
export class Clock {
  readonly #options: ClockOptions;
  #cancel: (() => void) | null = null;
  #isStopped = false;
  #round: Promise<void> = Promise.resolve();

  constructor(options: ClockOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sleep(1);
  }

  /** Resolves when the round under way is over; there is none after it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#round;
  }

  #sleep(shortest_ms: number): void {
    if (this.#isStopped) return;
    const { desk, runtime } = this.#options;
    const due = desk.board.nextDue();
    const until_due_ms = due === undefined ? longestSleep_ms : Date.parse(due.at) - Date.parse(desk.now());
    const sleep_ms = Math.max(shortest_ms, Math.min(longestSleep_ms, until_due_ms));
    this.#cancel = runtime.after(sleep_ms, () => {
      this.#round = this.#tick().then((has_told) => this.#sleep(has_told ? 1 : pause_ms));
    });
  }

  /** Whether the desk could be told. */
  async #tick(): Promise<boolean> {
    const { desk, onTrouble } = this.#options;
    if (desk.state !== "ready") return false;
    try {
      await desk.catchUp();
      return true;
    } catch (error) {
      onTrouble?.("the clock could not tell the time", error);
      return false;
    }
  }
}
