import { countNames } from "./measured-row.ts";
import { type Dimension, TooManyGroups } from "./statistics-query.ts";

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
  readonly group_of: Uint32Array;
  readonly #most_groups: number;
  readonly #index_of = new Map<number, number>();
  #added = 0;
  #last: { readonly key: number; readonly index: number } | null = null;

  /** `dimension` null: all in one group. There will be at most `size` incidents. */
  constructor(dimension: Dimension | null, size: number, most_groups: number) {
    this.dimension = dimension;
    this.group_of = new Uint32Array(size);
    this.#most_groups = most_groups;
  }

  /** Adds an incident to its key's group, and gives that group's counts. */
  add(key: number): Float64Array {
    const index = this.#last?.key === key ? this.#last.index : this.#find(key);
    this.group_of[this.#added] = index;
    this.#added += 1;
    return (this.groups[index] as Group).counts;
  }

  #find(key: number): number {
    let index = this.#index_of.get(key);
    if (index === undefined) {
      index = this.groups.length;
      if (this.dimension !== null && index >= this.#most_groups) throw new TooManyGroups(this.dimension);
      this.groups.push({ key, counts: new Float64Array(countNames.length) });
      this.#index_of.set(key, index);
    }
    this.#last = { key, index };
    return index;
  }
}
