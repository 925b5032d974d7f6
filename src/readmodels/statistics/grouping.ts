import { countNames } from "./measured-row.ts";
import { type Dimension, TooManyGroups } from "./statistics-query.ts";

/** As many groups as can be told apart by 16 bits, one value of which stands for none. */
const most_groups_ever = 2 ** 16 - 1;

/** A group: the incidents that have one key of a dimension. */
export interface Group {
  readonly key: number;
  readonly counts: Float64Array;
}

/** Incidents by one of their properties, as a number: severity, a name's number, or a day. */
export class Grouping {
  readonly dimension: Dimension | null;
  readonly groups: Group[] = [];
  /** Of each incident in the order in which they were added, its group. */
  readonly group_of: Uint16Array;
  readonly #most_groups: number;
  /** Of each key that is below its length, one more than the index of its group; 0: it has none yet. */
  #places = new Uint16Array(256);
  #added = 0;

  /** `dimension` null: all in one group. There will be at most `size` incidents. */
  constructor(dimension: Dimension | null, size: number, most_groups: number) {
    this.dimension = dimension;
    this.group_of = new Uint16Array(size);
    this.#most_groups = Math.min(most_groups, most_groups_ever);
  }

  /** Adds an incident to its key's group, and gives that group's counts. */
  add(key: number): Float64Array {
    const place = key < this.#places.length ? (this.#places[key] as number) : 0;
    const index = place === 0 ? this.#begin(key) : place - 1;
    this.group_of[this.#added] = index;
    this.#added += 1;
    return (this.groups[index] as Group).counts;
  }

  #begin(key: number): number {
    const index = this.groups.length;
    if (this.dimension !== null && index >= this.#most_groups) throw new TooManyGroups(this.dimension);
    if (key >= this.#places.length) {
      const places = new Uint16Array(2 * (key + 1));
      places.set(this.#places);
      this.#places = places;
    }
    this.#places[key] = index + 1;
    this.groups.push({ key, counts: new Float64Array(countNames.length) });
    return index;
  }
}
