/** Everything that is chosen for one move, drawn from its number alone (mulberry32, by Tommy Ettinger). */
export class Choices {
  #state: number;

  constructor(move: number) {
    this.#state = (move ^ 0x9e3779b9) >>> 0;
  }

  /** A whole number from 0 up to, but not including, this one. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** True this often in a hundred. */
  percent(share: number): boolean {
    return this.below(100) < share;
  }

  /** One of the values. There must be one. */
  one<Value>(values: readonly Value[]): Value {
    const index = this.below(values.length);
    if (index >= values.length) throw new Error("there is nothing to choose from");
    return values[index] as Value;
  }

  /** One of the values, each as often as its weight says. */
  weighted<Value>(weights: readonly (readonly [number, Value])[]): Value {
    let rest = this.below(weights.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of weights) {
      if (rest < weight) return value;
      rest -= weight;
    }
    throw new Error("there is nothing to choose from");
  }

  /** The value this often in a hundred, else undefined. */
  maybe<Value>(share: number, value: () => Value): Value | undefined {
    return this.percent(share) ? value() : undefined;
  }
}
