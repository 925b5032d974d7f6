import { crc32 } from "node:zlib";
import { type Incident, isOpen } from "../../projections/incident.ts";
import type { ListedIncident } from "../../projections/incident-list.ts";
import { type PackedMeasures, packMeasures, unpackMeasures } from "./statistics/packed-measures.ts";

/** What stands in the columns of a row beside the state: to filter and sort by. */
export interface ListColumns {
  readonly number: number;
  readonly status: string;
  /** 1 or 0. */
  readonly open: number;
  readonly severity: number;
  readonly team: string;
  readonly assigned_to: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly timestamp: string;
  readonly reported_at: string;
}

/** A row as it is stored. */
export interface ListRow extends ListColumns {
  /** The whole `ListedIncident` as JSON, its measures packed. */
  readonly state: string;
  /** CRC-32 over all columns before it. */
  readonly checksum: number;
}

type StoredState = Omit<ListedIncident, "measures"> & { readonly measures: PackedMeasures };

/** The row that holds an incident. */
export function encodeRow(listed: ListedIncident): ListRow {
  const columns = columnsOf(listed.incident);
  const { incident, texts, measures } = listed;
  const state = JSON.stringify({ incident, texts, measures: packMeasures(measures) } satisfies StoredState);
  return { ...columns, state, checksum: checksumOf(columns, state) };
}

/** The incident that a row holds. Null: the row is not as it was written, and must not be shown. */
export function decodeRow(row: ListRow): ListedIncident | null {
  if (checksumOf(row, row.state) !== row.checksum) return null;
  try {
    const { incident, texts, measures }: StoredState = JSON.parse(row.state);
    return { incident, texts, measures: unpackMeasures(measures) };
  } catch {
    return null;
  }
}

function columnsOf(incident: Incident): ListColumns {
  return {
    number: incident.number,
    status: incident.status,
    open: isOpen(incident.status) ? 1 : 0,
    severity: incident.severity,
    team: incident.team,
    assigned_to: incident.assigned_to,
    type: incident.type,
    source: incident.source,
    timestamp: incident.timestamp,
    reported_at: incident.reported_at,
  };
}

function checksumOf(columns: ListColumns, state: string): number {
  const { number, status, open, severity, team, assigned_to, type, source } = columns;
  // A length before each free text, so that no two rows read the same.
  const texts = [assigned_to, type, source].map((text) => (text === null ? "-" : `${text.length}:${text}`)).join(" ");
  const times = `${columns.timestamp} ${columns.reported_at}`;
  return crc32(`${number} ${status} ${open} ${severity} ${team} ${texts} ${times} ${state}`);
}
