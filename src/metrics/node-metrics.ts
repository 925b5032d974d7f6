import type { Metric } from "prom-client";
import { counter, gauge } from "./metric.ts";
import type { MetricSources } from "./sources.ts";

/** How this node fares: its desk, its clock, its ledger, the folds behind it. */
export function nodeMetrics(sources: MetricSources): Metric[] {
  const { desk, list, about } = sources;
  const overdue_ms = (): number => {
    const due = desk.board.nextDue();
    return due === undefined ? 0 : Math.max(0, Date.parse(desk.now()) - Date.parse(due.at));
  };
  return [
    gauge("incident_ledger_build_info", "Always 1; the labels say what runs", () => [
      { labels: { version: about.version, node: process.version, rules: desk.board.rules }, value: 1 },
    ]),
    gauge("incident_ledger_desk_ready", "1 while the desk takes commands, else 0", () =>
      desk.state === "ready" ? 1 : 0,
    ),
    gauge("incident_ledger_desk_waiting_commands", "Commands that wait for the desk", () => desk.waiting),
    gauge(
      "incident_ledger_desk_waiting_commands_limit",
      "How many may wait; above, they are turned away with 503",
      () => desk.queue_length,
    ),
    gauge(
      "incident_ledger_clock_ahead_seconds",
      "By how much desk time is ahead of the wall clock",
      () => desk.clockAhead_ms() / 1000,
    ),
    gauge(
      "incident_ledger_clock_overdue_seconds",
      "How late the clock is with what is due first (a snooze's end, a time-out, a closing); 0 where nothing is overdue",
      () => overdue_ms() / 1000,
    ),
    gauge("incident_ledger_agenda_items", "Snoozes, time-outs and closings to come", () => desk.board.agenda.size),
    gauge(
      "incident_ledger_head_position",
      "The last position of the ledger that is durable",
      () => desk.durable_position,
    ),
    gauge("incident_ledger_list_ready", "1 while the list of all incidents can be asked, else 0", () =>
      list.state === "ready" ? 1 : 0,
    ),
    gauge(
      "incident_ledger_list_lag_positions",
      "How many positions the list of all incidents is behind the ledger",
      () => Math.max(0, desk.durable_position - list.position),
    ),
    gauge(
      "incident_ledger_scrub_position",
      "How far the background scrub has walked along the chain in this pass",
      () => sources.scrub.position,
    ),
    gauge(
      "incident_ledger_scrub_faults",
      "What the background scrub has found damaged in the ledger; 0 where nothing",
      () => sources.scrub.faults,
    ),
    gauge("incident_ledger_feed_clients", "Clients that follow the live feed of events", () => sources.feed.clients),
    gauge(
      "incident_ledger_feed_catching_up_clients",
      "Clients of the live feed that still read what was before them",
      () => sources.feed.catching_up,
    ),
    counter(
      "incident_ledger_feed_cut_off_total",
      "Clients of the live feed that were cut off because they read too slowly",
      () => sources.feed.cut_off,
    ),
    gauge(
      "incident_ledger_feed_lag_seconds",
      "How long the live feed took to send the last events to everybody",
      () => sources.feed.lag_ms / 1000,
    ),
  ];
}
