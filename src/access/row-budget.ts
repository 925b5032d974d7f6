/** How many rows, in how long, and how long that becomes at most while more is asked for. */
export interface RowBudgetOptions {
  readonly rows: number;
  readonly window_ms: number;
  readonly longest_window_ms: number;
}

/**
 * How many rows may begin in a window of time. Where a window was used up, the next one is twice as long, up to a longest;
 * one that was not is followed by the shortest again. So an attack that lasts writes ever less.
 */
export class RowBudget {
  readonly #options: RowBudgetOptions;
  #window_ms: number;
  #began_ms = Number.NEGATIVE_INFINITY;
  #left: number;

  constructor(options: RowBudgetOptions) {
    this.#options = options;
    this.#window_ms = options.window_ms;
    this.#left = options.rows;
  }

  /** Takes a row out of the budget, if there is one left. `now_ms`: a clock that never runs back. */
  take(now_ms: number): boolean {
    const { rows, window_ms, longest_window_ms } = this.#options;
    const over_ms = now_ms - this.#began_ms;
    if (over_ms >= this.#window_ms) {
      // After a pause as long as the window itself, the attack is over.
      const goesOn = this.#left === 0 && over_ms < 2 * this.#window_ms;
      this.#window_ms = goesOn ? Math.min(longest_window_ms, 2 * this.#window_ms) : window_ms;
      this.#began_ms = now_ms;
      this.#left = rows;
    }
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }
}
