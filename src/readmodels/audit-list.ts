import { existsSync } from "node:fs";
import { incidentOfStream } from "../../events/stream.ts";
import { isListed } from "../../projections/incident-list.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ListConnection } from "./list-connection.ts";
import { listFile } from "./list-file.ts";
import { encodeRow, type ListRow } from "./list-row.ts";
import { selectRow } from "./list-schema.ts";
import { foldListedAnew } from "./listed-anew.ts";

/** What comparing a list with a fresh fold of the ledger found. */
export interface ListAudit {
  /** The position up to which the list was folded, and compared. */
  readonly position: number;
  readonly incidents: number;
  /** What differs, a sentence each; at most a hundred. */
  readonly faults: readonly string[];
}

const most_faults = 100;

/**
 * Compares the list of a data directory, row by row, with every incident folded anew from the ledger. It reads only, and is
 * safe beside a running service. Null where there is no list, which is no fault.
 */
export async function auditList(data_dir: string, ledger: Ledger): Promise<ListAudit | null> {
  const { file } = listFile(data_dir);
  if (!existsSync(file)) return null;
  const connection = ListConnection.open(file);
  try {
    return await connection.consistently(() => compare(connection, ledger));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { position: 0, incidents: 0, faults: [`The list cannot be read: ${why}.`] };
  } finally {
    connection.close();
  }
}

async function compare(connection: ListConnection, ledger: Ledger): Promise<ListAudit> {
  const position = connection.number("SELECT position AS n FROM checkpoint", []);
  const highest = connection.number("SELECT max(number) AS n FROM incidents", []);
  const erasedSince = await erasedAfter(ledger, position);
  const faults: string[] = [];
  let incidents = 0;
  let labels = 0;
  for (let number = 1; faults.length < most_faults; number += 1) {
    const listed = await foldListedAnew(ledger, number, position);
    if (listed === null && number > highest) break;
    const row = connection.get<ListRow>(selectRow, [number]);
    const expected = isListed(listed) ? encodeRow(listed) : undefined;
    if (expected !== undefined) incidents += 1;
    if (erasedSince.has(number)) {
      if ((row === undefined) !== (expected === undefined)) faults.push(differs(number));
    } else if (!isSame(row, expected)) faults.push(differs(number));
    const owned = Object.entries(isListed(listed) ? listed.incident.labels : {});
    labels += owned.length;
    for (const [key, value] of owned) if (!hasLabel(connection, key, value, number)) faults.push(differs(number));
  }
  const [damage] = connection.all<{ integrity_check: string }>("PRAGMA integrity_check(1)", []);
  if (damage?.integrity_check !== "ok") faults.push(`The list's file is damaged: ${damage?.integrity_check}.`);
  const stored = connection.number("SELECT count(*) AS n FROM labels", []);
  if (faults.length === 0 && stored !== labels) faults.push(`The list has ${stored} labels instead of ${labels}.`);
  return { position, incidents, faults };
}

/** Incidents a text of which was erased after the list was folded: the ledger no longer has what the list shows. */
async function erasedAfter(ledger: Ledger, position: number): Promise<Set<number>> {
  const erased = new Set<number>();
  for (let after = position; ; ) {
    const page = await ledger.read({ after, types: ["text.erased"] });
    const last = page.at(-1);
    if (last === undefined) return erased;
    for (const { stream } of page) erased.add(incidentOfStream(stream) ?? 0);
    after = last.position;
  }
}

function isSame(row: ListRow | undefined, expected: ListRow | undefined): boolean {
  if (row === undefined || expected === undefined) return row === expected;
  return Object.entries(expected).every(([column, value]) => row[column as keyof ListRow] === value);
}

function hasLabel(connection: ListConnection, key: string, value: string, number: number): boolean {
  const sql = "SELECT count(*) AS n FROM labels WHERE key = ? AND value = ? AND number = ?";
  return connection.number(sql, [key, value, number]) === 1;
}

function differs(number: number): string {
  return `The list's row of incident ${number} is not what the ledger makes of it.`;
}
