/**
 * A commit that must not be recorded: it contradicts a schema, itself or the ledger. A bug of the caller, not a failure
 * of storage: nothing was written, and the ledger works on.
 */
export class InvalidCommit extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvalidCommit";
  }
}

/**
 * The ledger is closed: for a moment, while it is opened again after a failure, or for good. Nothing was read or written;
 * whoever asks again later may be answered.
 */
export class LedgerClosed extends Error {
  constructor() {
    super("The ledger is closed.");
    this.name = "LedgerClosed";
  }
}

/** An event in the ledger that this build cannot make sense of: it was altered, or written by a newer build. */
export class UnreadableEvent extends Error {
  readonly position: number;
  constructor(position: number, fault: string) {
    super(`The event at position ${position} cannot be read: ${fault}.`);
    this.name = "UnreadableEvent";
    this.position = position;
  }
}
