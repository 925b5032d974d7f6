import { setImmediate as pause } from "node:timers/promises";
import type { ListConnection } from "../list-connection.ts";
import type { ListKey } from "../list-cursor.ts";
import { finds } from "../list-keys.ts";
import type { ListPlan } from "../list-plan.ts";
import type { ListSort } from "../list-query.ts";
import {
  type BitSet,
  between,
  block_numbers,
  blockOf,
  inBoth,
  isEmpty,
  isIn,
  placeOf,
  placesIn,
  sizeOf,
} from "./bit-set.ts";
import { FilteredBlocks } from "./filtered-blocks.ts";
import { FoundBlocks, rank_count } from "./found-blocks.ts";
import type { Search } from "./search-query.ts";

/** Looking at a block takes as long as reading so many rows. */
const block_rows = 50;

/** Finds what matches both a search and the filters of a plan. Good for one page, within one state of the list. */
export class FoundKeys {
  readonly #connection: ListConnection;
  readonly #plan: ListPlan;
  readonly #found: FoundBlocks;
  readonly #filtered: FilteredBlocks;
  #work = 0;

  constructor(connection: ListConnection, plan: ListPlan, search: Search) {
    this.#connection = connection;
    this.#plan = plan;
    this.#found = new FoundBlocks(connection, search);
    this.#filtered = new FilteredBlocks(connection, plan);
  }

  /** The sort keys of a page, in order: at most `limit`, after the key `after` if there is one. */
  find(sort: ListSort, after: ListKey | null, limit: number): Promise<ListKey[]> {
    switch (sort) {
      case "relevance":
        return this.#byRelevance(after, limit);
      case "number":
      case "-number":
        return this.#byNumber(sort === "-number", after, limit);
      default:
        return this.#byOther(sort, after, limit);
    }
  }

  /** How many there are, wherever the page stands; no more than `most` need be counted. */
  async count(most = Number.MAX_SAFE_INTEGER): Promise<number> {
    let count = 0;
    for (const block of this.#filtered.blocks()) {
      count += sizeOf(await this.#left(block, this.#found.all(block)));
      if (count > most) break;
    }
    return count;
  }

  async #byRelevance(after: ListKey | null, limit: number): Promise<ListKey[]> {
    const [first_rank = 0, last_number = Number.MAX_SAFE_INTEGER] = (after ?? []).map(Number);
    const keys: ListKey[] = [];
    for (let rank = first_rank; rank < rank_count; rank += 1) {
      const below = rank === first_rank ? last_number : Number.MAX_SAFE_INTEGER;
      for (const block of this.#filtered.blocks()) {
        if (block * block_numbers >= below) continue;
        const numbers = await this.#numbers(block, this.#found.ranked(block, rank), 0, below - 1);
        for (const number of numbers.reverse()) keys.push([rank, number]);
        if (keys.length >= limit) return keys.slice(0, limit);
      }
    }
    return keys;
  }

  async #byNumber(isDown: boolean, after: ListKey | null, limit: number): Promise<ListKey[]> {
    const start = after === null ? null : Number(after[0]);
    const first = start === null || isDown ? 0 : start + 1;
    const last = start === null || !isDown ? Number.MAX_SAFE_INTEGER : start - 1;
    const keys: ListKey[] = [];
    const blocks = isDown ? this.#filtered.blocks() : this.#filtered.blocks().toReversed();
    for (const block of blocks) {
      if (block < blockOf(first) || block > blockOf(last)) continue;
      const numbers = await this.#numbers(block, this.#found.all(block), first, last);
      for (const number of isDown ? numbers.reverse() : numbers) keys.push([number]);
      if (keys.length >= limit) break;
    }
    return keys.slice(0, limit);
  }

  /** Few that match are sorted; where there are many, the list is read in its order, and what does not match left out. */
  async #byOther(sort: ListSort, after: ListKey | null, limit: number): Promise<ListKey[]> {
    const { limits } = this.#plan;
    if ((await this.count(limits.sortable_rows)) <= limits.sortable_rows) {
      return finds(this.#connection, await this.#planOfFew(), sort, after, limit);
    }
    const keys: ListKey[] = [];
    let start = after;
    for (;;) {
      const window = await finds(this.#connection, this.#plan, sort, start, limits.window_rows);
      for (const key of window) {
        const number = Number(key.at(-1));
        if (isIn(this.#found.all(blockOf(number)), placeOf(number))) keys.push(key);
      }
      if (keys.length >= limit) return keys.slice(0, limit);
      start = window.at(-1) ?? null;
      if (window.length < limits.window_rows) return keys;
      await pause();
    }
  }

  async #planOfFew(): Promise<ListPlan> {
    const all: number[] = [];
    for (const block of this.#filtered.blocks()) {
      all.push(...(await this.#numbers(block, this.#found.all(block), 0, Number.MAX_SAFE_INTEGER)));
    }
    const source = {
      from: "json_each(?) AS found CROSS JOIN incidents AS i NOT INDEXED ON i.number = found.value",
      number: "i.number",
      sql: [],
      values: [JSON.stringify(all)],
      rows: all.length,
    };
    return { ...this.#plan, source };
  }

  /** The numbers of a set's incidents that the filters leave, from the first to the last, ascending. */
  async #numbers(block: number, set: BitSet, first: number, last: number): Promise<number[]> {
    if (isEmpty(set)) {
      await this.#rest();
      return [];
    }
    const base = block * block_numbers;
    const left = await this.#left(block, inBoth(set, between(first - base, last - base)));
    return placesIn(left).map((place) => base + place);
  }

  async #left(block: number, set: BitSet): Promise<BitSet> {
    const left = isEmpty(set) ? set : this.#filtered.left(block, set);
    await this.#rest();
    return left;
  }

  /** Lets everybody else have their turn now and then. */
  async #rest(): Promise<void> {
    this.#work += block_rows + this.#found.takeWork() + this.#filtered.takeWork();
    if (this.#work < this.#plan.limits.window_rows) return;
    this.#work = 0;
    await pause();
  }
}
