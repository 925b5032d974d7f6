/** Whether this node has said that it is about to stop, and is only still there so that others can take note of it. */
export class AnnouncedStop {
  #is_announced = false;

  get is_announced(): boolean {
    return this.#is_announced;
  }

  /** From here on /readyz is red, and every answer asks its client to open its next connection, elsewhere. */
  announce(): void {
    this.#is_announced = true;
  }
}
