/** Thrown where a row is not as it was written. It must be repaired before a page with it can be shown. */
export class DamagedRow extends Error {
  readonly number: number;
  constructor(number: number) {
    super(`The list's row of incident ${number} is damaged.`);
    this.name = "DamagedRow";
    this.number = number;
  }
}
