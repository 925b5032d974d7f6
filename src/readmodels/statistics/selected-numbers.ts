import type { ListConnection } from "../list-connection.ts";
import { spanOf } from "../list-plan.ts";
import type { StatisticsFilters } from "./statistics-query.ts";

/** Which incidents are to be measured, as far as the blocks do not tell. */
export interface SelectedNumbers {
  readonly first: number;
  readonly last: number;
  /** Of each number from `first` on, whether it is wanted; null: all are. */
  readonly wanted: ((number: number) => boolean) | null;
}

/** Finds the numbers that were reported in time and are of the type, the source and the labels that are asked for. */
export function selectNumbers(connection: ListConnection, filters: StatisticsFilters): SelectedNumbers {
  const { first, last } = spanOf(connection, filters);
  const conditions = conditionsOf(filters);
  if (conditions.length === 0 || first > last) return { first, last, wanted: null };
  const met = new Uint8Array(last - first + 1);
  for (const { sql, values } of conditions) {
    for (const { number } of connection.all<{ number: number }>(sql, [...values, first, last])) {
      met[number - first] = (met[number - first] ?? 0) + 1;
    }
  }
  return { first, last, wanted: (number) => met[number - first] === conditions.length };
}

function conditionsOf({ type, source, labels = [] }: StatisticsFilters) {
  const column = (name: string, value: string) => ({
    sql: `SELECT number FROM incidents INDEXED BY by_${name} WHERE ${name} = ? AND number BETWEEN ? AND ?`,
    values: [value],
  });
  return [
    ...(type === undefined ? [] : [column("type", type)]),
    ...(source === undefined ? [] : [column("source", source)]),
    ...labels.map(({ key, value }) => ({
      sql: "SELECT number FROM labels WHERE key = ? AND value = ? AND number BETWEEN ? AND ?",
      values: [key, value],
    })),
  ];
}
