interface Entry<Value> {
  readonly value: Value;
  /** Whether it was used since it was looked at to make room. */
  is_used: boolean;
}

/**
 * A map that keeps what is used: when it grows beyond its limits, the oldest go, but for those that were used since they were last
 * in turn (the second chance, or clock). A use costs no more than the look.
 */
export class BoundedCache<Key, Value> {
  readonly #most_entries: number;
  readonly #most_weight: number;
  readonly #weigh: (value: Value) => number;
  readonly #entries = new Map<Key, Entry<Value>>();
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
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.is_used = true;
    return entry.value;
  }

  /** The value, without counting as used. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Puts a value in, or in the place of another. One that weighs more than all may is not kept. */
  set(key: Key, value: Value): void {
    this.delete(key);
    const weight = this.#weigh(value);
    if (weight > this.#most_weight) return;
    if (this.#entries.size >= this.#most_entries || this.#weight + weight > this.#most_weight) this.#makeRoom(weight);
    this.#entries.set(key, { value, is_used: false });
    this.#weight += weight;
  }

  /** Lets an eighth go at once: to find a map's oldest entry costs as much as there were older ones before it. */
  #makeRoom(of_weight: number): void {
    const entries = this.#most_entries - Math.floor(this.#most_entries / 8) - 1;
    const weight = this.#most_weight - Math.floor(this.#most_weight / 8) - of_weight;
    // What is put behind all others comes by once more, and then goes.
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= entries && this.#weight <= weight) break;
      if (!entry.is_used) this.delete(key);
      else {
        entry.is_used = false;
        this.#entries.delete(key);
        this.#entries.set(key, entry);
      }
    }
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(entry.value);
  }
}
