import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets pieces of work run one after another, in the order in which they were asked for, each in a turn of the event loop of
 * its own: however many ask, requests are answered in between.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work when it is its turn. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work);
    this.#last = mine.then(
      () => nextTurn(),
      () => nextTurn(),
    );
    return mine;
  }
}
