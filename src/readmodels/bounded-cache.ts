/** A map that keeps what was used last: when it grows beyond its limits, what was not used for longest goes. */
export class BoundedCache<Key, Value> {
  readonly #most_entries: number;
  readonly #most_weight: number;
  readonly #weigh: (value: Value) => number;
  readonly #entries = new Map<Key, Value>();
  #weight = 0;

  constructor(most_entries: number, most_weight: number, weigh: (value: Value) => number) {
    this.#most_entries = most_entries;
    this.#most_weight = most_weight;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as used now. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** The value, without counting as used. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    if (this.#entries.size > this.#most_entries || this.#weight > this.#most_weight) this.#makeRoom();
  }

  /** Lets an eighth go at once: to find a map's oldest entry costs as much as there were older ones before it. */
  #makeRoom(): void {
    const entries = this.#most_entries - Math.floor(this.#most_entries / 8);
    const weight = this.#most_weight - Math.floor(this.#most_weight / 8);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= entries && this.#weight <= weight) break;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value);
  }
}
