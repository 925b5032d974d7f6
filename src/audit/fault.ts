/** Something that is wrong with a ledger or with what was folded from it. */
export interface Fault {
  /** Where; null where it concerns no single position. */
  readonly position: number | null;
  /** What is wrong, in words, without a full stop. */
  readonly fault: string;
}

/** How many faults are kept. One change can make every later event wrong, and nobody reads a million lines. */
const kept = 100;

/** The faults found so far: all are counted, the first ones by position are kept. */
export class FaultList {
  readonly #faults: Fault[] = [];
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** The first of them by position, those without one last; at most a hundred. */
  get first(): readonly Fault[] {
    return this.#faults;
  }

  /** Takes note of a fault. */
  add(position: number | null, fault: string): void {
    this.#count += 1;
    const place = this.#faults.findIndex((other) => placeOf(other.position) > placeOf(position));
    if (place === -1) this.#faults.push({ position, fault });
    else this.#faults.splice(place, 0, { position, fault });
    if (this.#faults.length > kept) this.#faults.pop();
  }
}

function placeOf(position: number | null): number {
  return position ?? Number.POSITIVE_INFINITY;
}

/** A fault as a sentence: "position 17: its text is gone". */
export function sentenceOf({ position, fault }: Fault): string {
  return position === null ? fault : `position ${position}: ${fault}`;
}
