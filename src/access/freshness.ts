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

  constructor(vault: Pick<Vault, "hasForeignWrites">, desk: Follower) {
    this.#vault = vault;
    this.#desk = desk;
  }

  /** Resolves when the board knows what was on record when the vault last changed from outside. At once, mostly. */
  async ensure(): Promise<void> {
    if (this.#vault.hasForeignWrites()) await this.learn();
    else if (this.#catching_up !== null) await this.#catching_up;
  }

  /** Catches up in any case. */
  learn(): Promise<void> {
    // One that began before this call may have looked before the write that matters.
    const begun = (this.#catching_up ?? Promise.resolve()).then(
      () => this.#desk.catchUp(),
      () => this.#desk.catchUp(),
    );
    this.#catching_up = begun;
    const over = () => {
      if (this.#catching_up === begun) this.#catching_up = null;
    };
    begun.then(over, over);
    return begun;
  }
}
