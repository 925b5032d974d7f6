/** Whether a file may still hold something that was erased, and who waits until it does not. */
export class Remains {
  #areLeft = false;
  #waiting: (() => void)[] = [];

  get areLeft(): boolean {
    return this.#areLeft;
  }

  /** Something may be left in the WAL. */
  remain(): void {
    this.#areLeft = true;
  }

  /** Nothing is left. */
  gone(): void {
    this.#areLeft = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when nothing is left. */
  wait(): Promise<void> {
    if (!this.#areLeft) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
