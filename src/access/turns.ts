/** Lets one after another work on what has the same name. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Does the work when all that was asked for under this name before is over. */
  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const over = result.then(
      () => {},
      () => {},
    );
    this.#last.set(name, over);
    try {
      return await result;
    } finally {
      if (this.#last.get(name) === over) this.#last.delete(name);
    }
  }
}
