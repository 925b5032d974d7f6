import type { SqlValue } from "../list-conditions.ts";
import type { ListConnection } from "../list-connection.ts";
import type { ListPlan } from "../list-plan.ts";
import {
  addTo,
  type BitSet,
  between,
  block_numbers,
  blockOf,
  emptySet,
  inBoth,
  placeOf,
  placesIn,
  sizeOf,
} from "./bit-set.ts";
import { ConditionBlocks, numbersOf, setOfNumbers } from "./condition-blocks.ts";

/** Up to so many incidents are looked up one by one; where there are more, what meets a condition is read from its index. */
const most_single_rows = 64;

/** Which incidents the filters of a query leave, block by block. */
export class FilteredBlocks {
  readonly #connection: ListConnection;
  readonly #plan: ListPlan;
  /** Where the filters leave few incidents, all of them are known from the beginning. */
  readonly #few: ReadonlyMap<number, BitSet> | null;
  readonly #conditions: ConditionBlocks;
  #work = 0;

  constructor(connection: ListConnection, plan: ListPlan) {
    this.#connection = connection;
    this.#plan = plan;
    this.#conditions = new ConditionBlocks(connection, plan.conditions);
    const isFew = plan.sql.length > 0 && plan.source.rows <= plan.limits.sortable_rows;
    this.#few = isFew ? this.#readAll() : null;
  }

  /** How many rows were looked at since this was asked last, more or less. */
  takeWork(): number {
    const work = this.#work + this.#conditions.takeWork();
    this.#work = 0;
    return work;
  }

  /** The blocks in which an incident can be left, the newest first. */
  blocks(): readonly number[] {
    const { first, last } = this.#plan;
    if (this.#few !== null) return [...this.#few.keys()].sort((a, b) => b - a);
    const blocks: number[] = [];
    for (let block = blockOf(last); block >= blockOf(first) && last >= first; block -= 1) blocks.push(block);
    return blocks;
  }

  /** Those of some incidents of a block that the filters leave. */
  left(block: number, of: BitSet): BitSet {
    if (this.#few !== null) return inBoth(of, this.#few.get(block) ?? emptySet());
    const base = block * block_numbers;
    const inSpan = inBoth(of, between(this.#plan.first - base, this.#plan.last - base));
    if (this.#plan.sql.length === 0) return inSpan;
    let left = inSpan;
    for (const condition of this.#conditions.smallestFirst()) {
      if (sizeOf(left) <= most_single_rows) return this.#readSome(base, left);
      left = inBoth(left, this.#conditions.meeting(block, condition));
    }
    return left;
  }

  #readAll(): Map<number, BitSet> {
    const { source, sql, values, first, last } = this.#plan;
    const where = [...source.sql, ...sql, `${source.number} BETWEEN ? AND ?`].join(" AND ");
    const blocks = new Map<number, BitSet>();
    for (const number of this.#numbers(source.from, source.number, where, [...source.values, ...values, first, last])) {
      const set = blocks.get(blockOf(number)) ?? emptySet();
      blocks.set(blockOf(number), set);
      addTo(set, placeOf(number));
    }
    return blocks;
  }

  #readSome(base: number, some: BitSet): BitSet {
    const { sql, values } = this.#plan;
    const numbers = placesIn(some).map((place) => base + place);
    this.#work += numbers.length;
    if (numbers.length === 0) return some;
    const from = "json_each(?) AS asked CROSS JOIN incidents AS i NOT INDEXED ON i.number = asked.value";
    return setOfNumbers(this.#numbers(from, "i.number", sql.join(" AND "), [JSON.stringify(numbers), ...values]));
  }

  #numbers(from: string, number: string, where: string, values: readonly SqlValue[]): number[] {
    return numbersOf(this.#connection, from, number, where, values);
  }
}
