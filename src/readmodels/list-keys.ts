import { setImmediate as pause } from "node:timers/promises";
import type { SqlValue } from "./list-conditions.ts";
import type { ListConnection } from "./list-connection.ts";
import { keyColumns, type ListKey } from "./list-cursor.ts";
import type { ListPlan } from "./list-plan.ts";
import type { ListSort } from "./list-query.ts";
import { between, block_numbers, sizeOf } from "./search/bit-set.ts";
import { FilteredBlocks } from "./search/filtered-blocks.ts";

const whole_block = between(0, block_numbers - 1);

/** Finds the sort keys of the rows of a page, in order: at most `limit`, after the key `after` if there is one. */
export async function finds(
  connection: ListConnection,
  plan: ListPlan,
  sort: ListSort,
  after: ListKey | null,
  limit: number,
): Promise<ListKey[]> {
  if (plan.source.rows === 0) return [];
  const search = new KeySearch(connection, plan, sort);
  if (sort === "number" || sort === "-number") return search.byNumber(after, limit);
  return isSortable(plan) ? search.sorted(after, limit) : search.walk(after, limit);
}

/** How many rows match, wherever the page stands. */
export async function countRows(connection: ListConnection, plan: ListPlan): Promise<number> {
  const { source, first, last } = plan;
  if (source.rows === 0) return 0;
  if (plan.sql.length === 0 && plan.whole) return connection.number("SELECT count(*) AS n FROM incidents", []);
  if (plan.sql.length > 1 && !isSortable(plan)) return countBlocks(connection, plan);
  const sql = `SELECT count(*) AS n FROM ${source.from} WHERE ${whereOf(plan)}`;
  const values = [...source.values, ...plan.values];
  const width = countWidth(plan);
  let total = 0;
  for (let from = first; from <= last; from += width) {
    if (from > first) await pause();
    total += connection.number(sql, [...values, from, Math.min(from + width - 1, last)]);
  }
  return total;
}

/** Where one index or one label alone answers, nothing but it is read. */
function countWidth(plan: ListPlan): number {
  return isSortable(plan) ? Number.MAX_SAFE_INTEGER : 25 * plan.limits.window_rows;
}

/** Where several do together, each is read for itself, and what is in all of them counted. */
async function countBlocks(connection: ListConnection, plan: ListPlan): Promise<number> {
  const filtered = new FilteredBlocks(connection, plan);
  let [total, work] = [0, 0];
  for (const block of filtered.blocks()) {
    total += sizeOf(filtered.left(block, whole_block));
    work += filtered.takeWork();
    if (work < plan.limits.window_rows) continue;
    work = 0;
    await pause();
  }
  return total;
}

/** Whether the source has few enough rows to look at all of them at once. */
function isSortable({ source, limits }: ListPlan): boolean {
  return source.rows <= limits.sortable_rows;
}

/** All conditions, over the plan's own source; two numbers follow: the first and the last that may match. */
function whereOf(plan: ListPlan): string {
  return [...plan.source.sql, ...plan.sql, `${plan.source.number} BETWEEN ? AND ?`].join(" AND ");
}

interface Bounds {
  readonly sql: string[];
  readonly values: SqlValue[];
}

class KeySearch {
  readonly #connection: ListConnection;
  readonly #plan: ListPlan;
  readonly #columns: readonly string[];
  readonly #descending: boolean;

  constructor(connection: ListConnection, plan: ListPlan, sort: ListSort) {
    this.#connection = connection;
    this.#plan = plan;
    this.#columns = keyColumns(sort).map((column) => (column === "number" ? plan.source.number : `i.${column}`));
    this.#descending = sort.startsWith("-");
  }

  /** By number: every source is in this order already, so windows are spans of numbers. */
  async byNumber(after: ListKey | null, limit: number): Promise<ListKey[]> {
    const plan = this.#plan;
    const down = this.#descending;
    const start = after === null ? null : Number(after[0]);
    const first = start === null || down ? plan.first : Math.max(plan.first, start + 1);
    const last = start === null || !down ? plan.last : Math.min(plan.last, start - 1);
    const width = this.#isInOrder() ? Number.MAX_SAFE_INTEGER : plan.limits.window_rows;
    const values = [...plan.source.values, ...plan.values];
    const found: ListKey[] = [];
    for (let done = 0; done <= last - first && found.length < limit; done += width) {
      if (done > 0) await pause();
      const span = down
        ? [Math.max(first, last - done - width + 1), last - done]
        : [first + done, Math.min(last, first + done + width - 1)];
      found.push(...this.#keys(plan.source.from, whereOf(plan), [...values, ...span], limit - found.length));
    }
    return found;
  }

  /** Whether the source gives the rows wanted in order, or few enough to sort. */
  #isInOrder(): boolean {
    const { source, sql } = this.#plan;
    if (isSortable(this.#plan) || sql.length === 0) return true;
    return sql.length === 1 && (source.answers?.single ?? true);
  }

  /** By severity or time, where the source has few rows: all of them are looked at and sorted. */
  sorted(after: ListKey | null, limit: number): ListKey[] {
    const plan = this.#plan;
    const bounds = this.#between(this.#columns, after, null);
    const where = [whereOf(plan), ...bounds.sql].join(" AND ");
    const values = [...plan.source.values, ...plan.values, plan.first, plan.last, ...bounds.values];
    return this.#keys(plan.source.from, where, values, limit);
  }

  /** By severity or time, where there are many: an index in this order is walked, severity by severity. */
  async walk(after: ListKey | null, limit: number): Promise<ListKey[]> {
    if (this.#columns.length === 2) return this.#walkTimes([], after, limit);
    const found: ListKey[] = [];
    const severities = [...(this.#plan.conditions.severities ?? [1, 2, 3, 4, 5])];
    if (this.#descending) severities.reverse();
    const [from, ...time] = after ?? [];
    for (const severity of severities) {
      if (from !== undefined && (this.#descending ? severity > Number(from) : severity < Number(from))) continue;
      const start = severity === from ? time : null;
      found.push(...(await this.#walkTimes([severity], start, limit - found.length)));
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Walks by time, window by window, within one severity if that is given. */
  async #walkTimes(severity: readonly number[], after: ListKey | null, limit: number): Promise<ListKey[]> {
    const plan = this.#plan;
    const { open } = plan.conditions;
    const from = `incidents AS i INDEXED BY ${open ? "open_" : ""}by_${severity.length > 0 ? "severity" : "timestamp"}`;
    const always = [...(open ? ["i.open = 1"] : []), ...(severity.length > 0 ? ["i.severity = ?"] : [])];
    const found: ListKey[] = [];
    let start = after;
    do {
      if (start !== after) await pause();
      const end = plan.sql.length === 0 && plan.whole ? null : this.#windowEnd(from, always, severity, start);
      const bounds = this.#between(timeColumns, start, end);
      const where = [...always, ...bounds.sql, ...plan.sql, "i.number BETWEEN ? AND ?"].join(" AND ");
      const values = [...severity, ...bounds.values, ...plan.values, plan.first, plan.last];
      found.push(...this.#keys(from, where, values, limit - found.length));
      start = end;
    } while (start !== null && found.length < limit);
    return found;
  }

  /** The time and number at which the window ends that begins after `start`; null: it reaches to the end. */
  #windowEnd(
    from: string,
    always: readonly string[],
    severity: readonly number[],
    start: ListKey | null,
  ): ListKey | null {
    const bounds = this.#between(timeColumns, start, null);
    const where = ["TRUE", ...always, ...bounds.sql].join(" AND ");
    const row = this.#connection.get<Record<string, SqlValue>>(
      `SELECT ${timeColumns.join(", ")} FROM ${from} WHERE ${where}
       ORDER BY ${this.#order(timeColumns)} LIMIT 1 OFFSET ${this.#plan.limits.window_rows - 1}`,
      [...severity, ...bounds.values],
    );
    return row === undefined ? null : Object.values(row);
  }

  #between(columns: readonly string[], start: ListKey | null, end: ListKey | null): Bounds {
    const [beyond, upTo] = this.#descending ? ["<", ">="] : [">", "<="];
    const places = columns.map(() => "?").join(", ");
    return {
      sql: [
        ...(start === null ? [] : [`(${columns.join(", ")}) ${beyond} (${places})`]),
        ...(end === null ? [] : [`(${columns.join(", ")}) ${upTo} (${places})`]),
      ],
      values: [...(start ?? []), ...(end ?? [])],
    };
  }

  #order(columns: readonly string[]): string {
    return columns.map((column) => `${column} ${this.#descending ? "DESC" : "ASC"}`).join(", ");
  }

  #keys(from: string, where: string, values: readonly SqlValue[], limit: number): ListKey[] {
    const columns = this.#columns.join(", ");
    const sql = `SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${this.#order(this.#columns)} LIMIT ?`;
    return this.#connection.all<Record<string, SqlValue>>(sql, [...values, limit]).map((row) => Object.values(row));
  }
}

const timeColumns = ["i.timestamp", "i.sequence"];
