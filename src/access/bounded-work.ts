/** There is no room for more work now; its caller may come back. */
export class WorkRefused extends Error {
  readonly retry_after_seconds: number;

  constructor(retry_after_seconds: number) {
    super("Too much of this waits already.");
    this.name = "WorkRefused";
    this.retry_after_seconds = retry_after_seconds;
  }
}

/** Runs so many pieces of work at once, in the order in which they came, lets so many wait, and refuses what comes beyond. */
export class BoundedWork {
  readonly #at_once: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly at_once: number; readonly waiting: number }) {
    this.#at_once = limits.at_once;
    this.#waiting = limits.waiting;
  }

  /** Does the work when its turn has come. Throws `WorkRefused` where too much waits. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#at_once) {
      if (this.#queue.length >= this.#waiting) throw new WorkRefused(1);
      // Whoever ends hands over the place, so that nobody who comes later slips in between.
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
