/** One wrong change of the rules or of a fold, which the tests must notice. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** The text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
}
