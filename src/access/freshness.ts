import type { Vault } from "./vault.ts";

/** What catches up with the ledger. */
interface Follower {
  catchUp(): Promise<void>;
}

/**
 * Keeps the board fresh where another process, such as the command line, has written to the vault: whatever it put on record
 * before is known here before anybody is let in again.
 */
export class Freshness {
  readonly #vault: Pick<Vault, "hasForeignWrites">;
  readonly #desk: Follower;
  #catching_up: Promise<void> | null = null;
  /** Until a catch-up that began after the write has succeeded. */
  #is_stale = false;

  constructor(vault: Pick<Vault, "hasForeignWrites">, desk: Follower) {
    this.#vault = vault;
    this.#desk = desk;
  }

  /** Resolves when the board knows what was on record when the vault last changed from outside. At once, mostly. */
  async ensure(): Promise<void> {
    if (this.#vault.hasForeignWrites()) {
      this.#is_stale = true;
      await this.learn();
    } else if (this.#catching_up !== null) await this.#catching_up;
    else if (this.#is_stale) await this.learn();
  }

  /** Catches up in any case. */
  learn(): Promise<void> {
    // One that began before this call may have looked before the write that matters.
    const catchUp = async () => {
      await this.#desk.catchUp();
      this.#is_stale = false;
    };
    const begun = (this.#catching_up ?? Promise.resolve()).then(catchUp, catchUp);
    this.#catching_up = begun;
    const over = () => {
      if (this.#catching_up === begun) this.#catching_up = null;
    };
    begun.then(over, over);
    return begun;
  }
}
