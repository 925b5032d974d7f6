import { setImmediate as pause } from "node:timers/promises";
import type { Status } from "../../projections/incident.ts";
import type { ListedIncident } from "../../projections/incident-list.ts";
import type { ListConnection } from "./list-connection.ts";
import { countRows, finds } from "./list-keys.ts";
import { readListed } from "./list-page.ts";
import { type ListPlan, listLimits, planList } from "./list-plan.ts";

/** Which of a team's incidents, and in which order. */
export interface TeamQuery {
  readonly team: string;
  /** One of these; without it any. */
  readonly status?: readonly Status[];
  readonly severity?: readonly number[];
  /** The highest ordinal first. */
  readonly newest_first?: boolean;
  /** Goes on after this ordinal. */
  readonly after?: number;
  /** Leaves out so many first. */
  readonly skip?: number;
  /** At most this many. */
  readonly limit: number;
  /** Also count all that match. */
  readonly count?: boolean;
}

/** An incident and its ordinal in the team. */
export interface TeamRow extends ListedIncident {
  readonly ordinal: number;
}

/** Some of a team's incidents, all as of one position. */
export interface TeamPage {
  readonly rows: readonly TeamRow[];
  /** How many match, wherever the page stands; only where it was asked for. */
  readonly total?: number;
  readonly position: number;
}

/** Reads the incidents that are in the team now, in the order of their ordinals there. */
export async function readTeamPage(connection: ListConnection, query: TeamQuery): Promise<TeamPage> {
  return connection.consistently(async () => {
    const position = connection.number("SELECT position AS n FROM checkpoint", []);
    const { team, status, severity, count } = query;
    const filters = {
      team,
      ...(status === undefined ? {} : { status }),
      ...(severity === undefined ? {} : { severity }),
    };
    const plan = planList(connection, filters, listLimits);
    const few = plan.source.rows <= plan.limits.sortable_rows;
    const found = few ? await sorted(connection, plan, query) : await walked(connection, plan, query);
    const rows = found.map(({ ordinal, number }) => ({ ordinal, ...readListed(connection, number) }));
    return { rows, position, ...(count === true ? { total: await countRows(connection, plan) } : {}) };
  });
}

/** The ordinal of an incident in a team, or null: it has never been there. */
export function ordinalOf(connection: ListConnection, team: string, number: number): number | null {
  const row = connection.get<Key>("SELECT ordinal, number FROM ordinals WHERE team = ? AND number = ?", [team, number]);
  return row?.ordinal ?? null;
}

/** The number of the incident that has this ordinal in a team, or null: there is none yet. */
export function numberOf(connection: ListConnection, team: string, ordinal: number): number | null {
  const row = connection.get<Key>("SELECT ordinal, number FROM ordinals WHERE team = ? AND ordinal = ?", [
    team,
    ordinal,
  ]);
  return row?.number ?? null;
}

/** How many ordinals the team has given. */
export function lastOrdinal(connection: ListConnection, team: string): number {
  return connection.number("SELECT max(ordinal) AS n FROM ordinals WHERE team = ?", [team]);
}

interface Key {
  readonly ordinal: number;
  readonly number: number;
}

/** Few match: all of them are found, and brought into order. */
async function sorted(connection: ListConnection, plan: ListPlan, query: TeamQuery): Promise<Key[]> {
  const found = await finds(connection, plan, "number", null, plan.limits.sortable_rows + 1);
  const keys = found.map(([first]) => {
    const number = Number(first);
    return { number, ordinal: ordinalOf(connection, query.team, number) ?? 0 };
  });
  const { newest_first = false, after, skip = 0, limit } = query;
  return keys
    .sort((a, b) => (newest_first ? b.ordinal - a.ordinal : a.ordinal - b.ordinal))
    .filter(({ ordinal }) => after === undefined || (newest_first ? ordinal < after : ordinal > after))
    .slice(skip, skip + limit);
}

/** Many match: the ordinals are walked, window by window, and others have their turn in between. */
async function walked(connection: ListConnection, plan: ListPlan, query: TeamQuery): Promise<Key[]> {
  const { team, newest_first = false, after, limit } = query;
  const width = plan.limits.window_rows;
  const sql = `SELECT o.ordinal, o.number FROM ordinals AS o CROSS JOIN incidents AS i ON i.number = o.number
    WHERE o.team = ? AND o.ordinal BETWEEN ? AND ? AND ${plan.sql.join(" AND ")}
    ORDER BY o.ordinal ${newest_first ? "DESC" : "ASC"}`;
  const last = lastOrdinal(connection, team);
  const found: Key[] = [];
  let { skip = 0 } = query;
  let next = newest_first ? Math.min(after ?? last + 1, last + 1) - 1 : (after ?? 0) + 1;
  while (next >= 1 && next <= last && found.length < limit) {
    const [low, high] = newest_first ? [Math.max(next - width + 1, 1), next] : [next, next + width - 1];
    const window = connection.all<Key>(sql, [team, low, high, ...plan.values]);
    found.push(...window.slice(skip, skip + limit - found.length));
    skip = Math.max(0, skip - window.length);
    next = newest_first ? low - 1 : high + 1;
    await pause();
  }
  return found;
}
