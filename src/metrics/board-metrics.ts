import type { Metric } from "prom-client";
import type { Board } from "../../projections/board.ts";
import { limits } from "../config.ts";
import { gauge, type Sample } from "./metric.ts";
import type { MetricSources } from "./sources.ts";

/** No team can have this name. */
const otherTeams = "(others)";

/** The teams by the label they get: the oldest each under its own name, the rest together. */
function labelledTeams(board: Board): Map<string, string[]> {
  const labelled = new Map<string, string[]>();
  for (const team of board.teams.keys()) {
    const label = labelled.size < limits.metric_teams ? team : otherTeams;
    const teams = labelled.get(label);
    if (teams === undefined) labelled.set(label, [team]);
    else teams.push(team);
  }
  return labelled;
}

/**
 * What is open, who waits and who works, from the board as it is: a batch that is being written may already show. So it
 * needs no waiting and answers when the storage fails, too.
 */
export function boardMetrics({ desk }: Pick<MetricSources, "desk">): Metric[] {
  return [
    gauge(
      "incident_ledger_open_incidents",
      "Open incidents by team, status (pending, assigned, acknowledged, snoozed) and severity (1 is the highest)",
      () => openIncidents(desk.board),
    ),
    gauge(
      "incident_ledger_oldest_pending_age_seconds",
      "Time since the timestamp (when it happened) of the oldest pending incident, by team and severity; 0 where none is pending",
      () => oldestPending(desk.board, Date.parse(desk.now())),
    ),
    gauge(
      "incident_ledger_handlers",
      "Handlers by team and state: free (available, with room), busy (available, without), unavailable",
      () => handlers(desk.board, ["free", "busy", "unavailable"]),
    ),
    gauge("incident_ledger_team_capacity", "How many incidents the available handlers of a team take at once", () =>
      handlers(desk.board, ["capacity"]),
    ),
    gauge(
      "incident_ledger_team_active",
      "How many incidents the handlers of a team have, those unavailable included",
      () => handlers(desk.board, ["active"]),
    ),
    gauge(
      "incident_ledger_resolved_awaiting_close",
      "Resolved incidents that will be closed by themselves",
      () => desk.board.resolved.size,
    ),
  ];
}

function openIncidents(board: Board): Sample[] {
  return [...labelledTeams(board)].flatMap(([team, [first, ...more]]) => {
    const sums = [...board.tally.of(first ?? team)].map((count) => ({ ...count }));
    for (const name of more) {
      for (const [index, { count }] of [...board.tally.of(name)].entries()) {
        const sum = sums[index];
        if (sum !== undefined) sum.count += count;
      }
    }
    return sums.map(({ status, severity, count }) => ({ labels: { team, status, severity }, value: count }));
  });
}

function* oldestPending(board: Board, now_ms: number): Generator<Sample> {
  for (const [label, teams] of labelledTeams(board)) {
    for (const severity of [1, 2, 3, 4, 5]) {
      const ages_ms = teams.map((team) => {
        const first = board.queueOf(team).firstOf(severity);
        return first === undefined ? 0 : now_ms - Date.parse(first.timestamp);
      });
      yield { labels: { team: label, severity }, value: ages_ms.reduce((a, b) => Math.max(a, b), 0) / 1000 };
    }
  }
}

type Figure = "free" | "busy" | "unavailable" | "capacity" | "active";

/** One pass over all handlers. */
function* handlers(board: Board, figures: readonly Figure[]): Generator<Sample> {
  const byTeam = new Map<string, Record<Figure, number>>();
  const labelled = labelledTeams(board);
  for (const [label, teams] of labelled) {
    const sums = { free: 0, busy: 0, unavailable: 0, capacity: 0, active: 0 };
    for (const team of teams) byTeam.set(team, sums);
    byTeam.set(label, sums);
  }
  for (const { handler_id, team, available, capacity } of board.handlers.values()) {
    const sums = team === null ? undefined : byTeam.get(team);
    if (sums === undefined) continue;
    const active = board.activeOf(handler_id);
    sums[!available ? "unavailable" : active < capacity ? "free" : "busy"] += 1;
    if (available) sums.capacity += capacity;
    sums.active += active;
  }
  for (const team of labelled.keys()) {
    for (const figure of figures) {
      const labels = figures.length > 1 ? { team, state: figure } : { team };
      yield { labels, value: byTeam.get(team)?.[figure] ?? 0 };
    }
  }
}
