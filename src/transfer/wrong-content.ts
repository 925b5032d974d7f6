/** What was read is not what it must be. The message is one sentence; a verb that meets it ends with 1. */
export class WrongContent extends Error {
  /** The line of the file that is wrong, from 1; null where it concerns no line. */
  readonly line: number | null;

  constructor(message: string, line: number | null = null) {
    super(message);
    this.name = "WrongContent";
    this.line = line;
  }

  /** Something is wrong with one line. `fault`: in words, without a full stop. */
  static at(line: number, fault: string): WrongContent {
    return new WrongContent(`Line ${line}: ${fault}.`, line);
  }
}
