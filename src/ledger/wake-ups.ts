import { EventEmitter } from "eventemitter3";

/**
 * Tells listeners how far the ledger has come. They are called after whoever appended has gone on, once for all that
 * happened meanwhile, and nothing that they throw reaches anybody: a listener can neither fail nor delay an append.
 */
export class WakeUps {
  readonly #emitter = new EventEmitter<{ moved: [position: number] }>();
  #position: number;
  #announcing = false;

  /** `position`: where the ledger stands already, of which nobody needs to be told. */
  constructor(position: number) {
    this.#position = position;
  }

  /** Takes note that the head is at this position; listeners are told if that is news. */
  learn(position: number): void {
    if (position <= this.#position) return;
    this.#position = position;
    if (this.#announcing) return;
    this.#announcing = true;
    setImmediate(() => {
      this.#announcing = false;
      this.#emitter.emit("moved", this.#position);
    });
  }

  /** Adds a listener; returns the way to take it out again. */
  subscribe(listener: (position: number) => void): () => void {
    const guarded = (position: number): void => {
      try {
        listener(position);
      } catch {
        // The port's contract: what a listener throws is its own affair.
      }
    };
    this.#emitter.on("moved", guarded);
    return () => void this.#emitter.off("moved", guarded);
  }
}
