/** How a verb ends that has come to its end: 0 done, 1 found something wrong. */
export type ExitCode = 0 | 1;

/** A verb cannot run: bad arguments, no ledger there, a newer one. It ends with 2; the message is one clear sentence. */
export class CannotRun extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CannotRun";
  }
}

/** A verb met something wrong with what it read, and cannot go on: it ends with 1. The message is one clear sentence. */
export class FoundWrong extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FoundWrong";
  }
}
