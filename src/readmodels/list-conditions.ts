import { isOpen, listedStatuses, type Status } from "../../projections/incident.ts";
import type { ListFilters } from "./list-query.ts";

/** What a query may bind to a place in its SQL. */
export type SqlValue = string | number;

/** One condition of a query, as SQL over the row `i`. */
export interface ListCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** An index whose leading column the condition fixes, so that its rows come in order of their number. */
  readonly index: string;
  /** Whether it fixes that column to a single value. */
  readonly single: boolean;
}

/** A query's filters, as far as they are conditions on columns and labels. */
export interface ListConditions {
  readonly columns: readonly ListCondition[];
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  /** The severities wanted, ascending; undefined: any. */
  readonly severities: readonly number[] | undefined;
  /** Only open ones can match: the small indexes do. */
  readonly open: boolean;
  /** Nothing can match. */
  readonly nothing: boolean;
}

/** What the filters demand, but for the time of the report, which is a span of numbers. */
export function conditionsOf(filters: ListFilters): ListConditions {
  const columns: ListCondition[] = [];
  const statuses = statusesOf(filters.status);
  const severities = filters.severity === undefined ? undefined : [...new Set(filters.severity)].sort();
  const open = statuses?.every(isOpen) === true;
  if (statuses !== undefined) columns.push(statusCondition(statuses, open));
  if (severities !== undefined) columns.push(oneOf("severity", severities, "by_severity_alone"));
  if (filters.team !== undefined) columns.push(oneOf("team", [filters.team], "by_team"));
  if (filters.assigned_to !== undefined) columns.push(oneOf("assigned_to", [filters.assigned_to], "by_assigned_to"));
  if (filters.type !== undefined) columns.push(oneOf("type", [filters.type], "by_type"));
  if (filters.source !== undefined) columns.push(oneOf("source", [filters.source], "by_source"));
  const nothing = statuses?.length === 0 || severities?.length === 0;
  return { columns, labels: filters.labels ?? [], severities, open, nothing };
}

function statusesOf(asked: ListFilters["status"]): readonly Status[] | undefined {
  if (asked === undefined) return undefined;
  return listedStatuses.filter((status) => asked.includes(status) || (isOpen(status) && asked.includes("open")));
}

function statusCondition(statuses: readonly Status[], open: boolean): ListCondition {
  if (open && statuses.length === listedStatuses.filter(isOpen).length) {
    return { sql: "i.open = 1", values: [], index: "by_open", single: true };
  }
  return oneOf("status", statuses, "by_status");
}

function oneOf(column: string, values: readonly SqlValue[], index: string): ListCondition {
  if (values.length === 1) return { sql: `i.${column} = ?`, values, index, single: true };
  return { sql: `i.${column} IN (${values.map(() => "?").join(", ")})`, values, index, single: false };
}
