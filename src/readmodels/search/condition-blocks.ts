import type { ListConditions, SqlValue } from "../list-conditions.ts";
import type { ListConnection } from "../list-connection.ts";
import { type BitSet, block_numbers, placeOf, setOf } from "./bit-set.ts";

/** One condition of a query's filters, and what of it was read. */
export interface BlockCondition {
  /** What answers it alone, in order of the number, and nothing else need be read. */
  readonly from: string;
  readonly number: string;
  readonly where: string;
  readonly values: readonly SqlValue[];
  readonly known: Map<number, BitSet>;
  /** How many incidents met it in the block that was read last. */
  latest: number;
}

/** Which incidents of a block meet each of a query's conditions, by the condition's own index. */
export class ConditionBlocks {
  readonly #connection: ListConnection;
  readonly #conditions: readonly BlockCondition[];
  #work = 0;

  constructor(connection: ListConnection, { columns, labels }: ListConditions) {
    this.#connection = connection;
    const ofColumns = columns.map(({ sql, values, index }) => ({
      from: `incidents AS i INDEXED BY ${index}`,
      number: "i.number",
      where: sql,
      values,
    }));
    const ofLabels = labels.map(({ key, value }) => ({
      from: "labels AS l",
      number: "l.number",
      where: "l.key = ? AND l.value = ?",
      values: [key, value],
    }));
    this.#conditions = [...ofColumns, ...ofLabels].map((each) => ({ ...each, known: new Map(), latest: 0 }));
  }

  /** How many rows were looked at since this was asked last, more or less. */
  takeWork(): number {
    const work = this.#work;
    this.#work = 0;
    return work;
  }

  /** All conditions: first the one that fewest met when it was read last. */
  smallestFirst(): BlockCondition[] {
    return [...this.#conditions].sort((a, b) => a.latest - b.latest);
  }

  /** What meets a condition in a block. */
  meeting(block: number, condition: BlockCondition): BitSet {
    let set = condition.known.get(block);
    if (set === undefined) {
      const { from, number, where, values, known } = condition;
      const base = block * block_numbers;
      const span = [base, base + block_numbers - 1];
      const met = numbersOf(this.#connection, from, number, `${where} AND ${number} BETWEEN ? AND ?`, [
        ...values,
        ...span,
      ]);
      set = setOfNumbers(met);
      known.set(block, set);
      condition.latest = met.length;
      this.#work += met.length / 4;
    }
    return set;
  }
}

/** The numbers of some rows. One text for all of them is read several times faster than a row for each. */
export function numbersOf(
  connection: ListConnection,
  from: string,
  number: string,
  where: string,
  values: readonly SqlValue[],
): number[] {
  const sql = `SELECT json_group_array(${number}) AS numbers FROM ${from} WHERE ${where}`;
  const row = connection.get<{ numbers: string }>(sql, values);
  const numbers: number[] = JSON.parse(row?.numbers ?? "[]");
  return numbers;
}

/** The places of incidents of one block. */
export function setOfNumbers(numbers: readonly number[]): BitSet {
  return setOf(numbers.map(placeOf));
}
