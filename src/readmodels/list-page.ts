import type { Incident } from "../../projections/incident.ts";
import type { ListedIncident } from "../../projections/incident-list.ts";
import { DamagedRow } from "./damaged-row.ts";
import type { ListConnection } from "./list-connection.ts";
import { decodeCursor, encodeCursor, keyColumns, type ListKey } from "./list-cursor.ts";
import { countRows, finds } from "./list-keys.ts";
import { type ListLimits, listLimits, planList } from "./list-plan.ts";
import type { ListQuery, ListSort } from "./list-query.ts";
import { decodeRow, type ListRow } from "./list-row.ts";
import { selectRow } from "./list-schema.ts";
import { queueRanks } from "./queue-ranks.ts";
import { FoundKeys } from "./search/search-keys.ts";

/** An incident in a page. */
export interface PageRow extends ListedIncident {
  /** Its place in its team's queue at the page's position, 1 for the head; null where it is not pending. */
  readonly queue_position: number | null;
}

/** A page of the list, all of it as of one position. */
export interface Page {
  readonly rows: readonly PageRow[];
  /** Where the next page begins; null where this is the last. */
  readonly next_cursor: string | null;
  /** How many match on all pages; only where it was asked for. */
  readonly total?: number;
  /** The position up to which the list was folded. */
  readonly position: number;
}

/** Reads one page. Throws `InvalidCursor`, and `DamagedRow` for a row that fails its check. */
export async function readPage(
  connection: ListConnection,
  query: ListQuery,
  limits: ListLimits = listLimits,
): Promise<Page> {
  const { search } = query;
  const sort = query.sort ?? (search === undefined ? "-number" : "relevance");
  const after = query.cursor === undefined ? null : decodeCursor(query, sort, query.cursor);
  return connection.consistently(async () => {
    const position = connection.number("SELECT position AS n FROM checkpoint", []);
    const plan = planList(connection, query, limits);
    const found = search === undefined ? null : new FoundKeys(connection, plan, search);
    const keys = await (found?.find(sort, after, query.limit + 1) ??
      finds(connection, plan, sort, after, query.limit + 1));
    const shown = keys.slice(0, query.limit);
    const listed = shown.map((key) => readRow(connection, sort, key));
    const ranks = queueRanks(
      connection,
      listed.map(({ incident }) => incident),
    );
    const rows = listed.map((row) => ({ ...row, queue_position: ranks.get(row.incident.number) ?? null }));
    const last = keys.length > query.limit ? shown.at(-1) : undefined;
    const next_cursor = last === undefined ? null : encodeCursor(query, sort, last);
    const total = query.count === true ? { total: await (found?.count() ?? countRows(connection, plan)) } : {};
    return { rows, next_cursor, position, ...total };
  });
}

/** The incident of this number. Throws `DamagedRow` where its row is not as it was written. */
export function readListed(connection: ListConnection, number: number): ListedIncident {
  const row = connection.get<ListRow>(selectRow, [number]);
  const listed = row === undefined ? null : decodeRow(row);
  if (listed === null) throw new DamagedRow(number);
  return listed;
}

/** The incident to which a key led. The row must be whole, and where the index says it is. */
function readRow(connection: ListConnection, sort: ListSort, key: ListKey): ListedIncident {
  const number = Number(key.at(-1));
  const row = connection.get<ListRow>(selectRow, [number]);
  const listed = row === undefined ? null : decodeRow(row);
  if (listed === null || !keyOf(listed.incident, sort).every((part, index) => part === null || part === key[index])) {
    throw new DamagedRow(number);
  }
  return listed;
}

/** The parts of a row's key; null: the row does not tell. */
function keyOf(incident: Incident, sort: ListSort): (ListKey[number] | null)[] {
  return keyColumns(sort).map((column) => {
    switch (column) {
      case "severity":
        return incident.severity;
      case "timestamp":
        return incident.timestamp;
      case "rank":
        return null;
      default:
        return incident.number;
    }
  });
}
