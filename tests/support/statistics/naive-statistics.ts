/** An event as GET /events gives it, as far as statistics are concerned. */
export interface StatisticsEvent {
  readonly type: string;
  readonly stream: string;
  readonly command_id: string;
  readonly recorded_at: string;
  readonly data: object;
}

/** What is asked for; names exactly. */
export interface NaiveQuery {
  readonly from?: string;
  readonly to?: string;
  readonly team?: string;
  readonly severity?: readonly number[];
  readonly assigned_to?: string;
  readonly type?: string;
  readonly source?: string;
  readonly label?: string;
}

interface Life {
  readonly reported_at: string;
  readonly report: string;
  status: string;
  team: string;
  severity: number;
  handler: string | null;
  type: unknown;
  source: unknown;
  labels: Record<string, string>;
  first_acknowledged_at: string | null;
  last_resolved_at: string | null;
  arrived_resolved: boolean;
  /** When it became pending and when it ceased to be, stay by stay; the last may be open. */
  readonly stays: { from: string; to: string | null }[];
  readonly times: Record<string, number>;
}

const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/**
 * The statistics once more, written from their definitions alone: every event of every incident is walked through, and
 * percentiles are looked up in sorted lists. `by_*` have only the groups that have incidents.
 */
export function naiveStatistics(events: readonly StatisticsEvent[], query: NaiveQuery = {}) {
  const lives = livesOf(events).filter((life) => life.status !== "deleted" && isAskedFor(life, query));
  const by = <Key extends string | number | null>(name: string, keyOf: (life: Life) => Key) => {
    const keys = [...new Set(lives.map(keyOf))].sort((a, b) => {
      if (a === null || b === null) return a === null ? 1 : -1;
      return a < b ? -1 : 1;
    });
    return keys.map((key) => ({ [name]: key, ...measures(lives.filter((life) => keyOf(life) === key)) }));
  };
  return {
    all: measures(lives),
    by_severity: by("severity", (life) => life.severity),
    by_team: by("team", (life) => life.team),
    by_handler: by("handler_id", (life) => life.handler),
    by_day: by("day", (life) => life.reported_at.slice(0, 10)),
  };
}

function measures(lives: readonly Life[]) {
  const count = (of: (life: Life) => boolean): number => lives.filter(of).length;
  const sum = (of: (life: Life) => number): number => lives.reduce((total, life) => total + of(life), 0);
  const times = (name: string) => (life: Life) => life.times[name] ?? 0;
  const status = (name: string) => count((life) => life.status === name);
  const reassignments = (life: Life) =>
    times("handed_over")(life) + times("rerouted")(life) + times("handed_back")(life);
  const raises = (life: Life) => times("raised_by_hand")(life) + times("raised_by_rule")(life);
  const open = ["pending", "assigned", "acknowledged", "snoozed"];
  return {
    counts: {
      reported: lives.length,
      open: count((life) => open.includes(life.status)),
      pending: status("pending"),
      assigned: status("assigned"),
      acknowledged: status("acknowledged"),
      snoozed: status("snoozed"),
      resolved: status("resolved"),
      closed: status("closed"),
      dismissed: status("dismissed"),
      merged: status("merged"),
      reported_resolved: count((life) => life.arrived_resolved),
      queued: count((life) => times("queued")(life) > 0),
      repeats: sum(times("repeats")),
      reopened: count((life) => times("reopenings")(life) > 0),
      reopenings: sum(times("reopenings")),
      reassigned: count((life) => reassignments(life) > 0),
      handed_over: sum(times("handed_over")),
      rerouted: sum(times("rerouted")),
      handed_back: sum(times("handed_back")),
      escalated: count((life) => raises(life) > 0),
      raised_by_hand: sum(times("raised_by_hand")),
      raised_by_rule: sum(times("raised_by_rule")),
    },
    time_to_acknowledge: summary(
      lives.map(({ reported_at, first_acknowledged_at: to }) => (to === null ? null : seconds(reported_at, to))),
    ),
    time_to_resolve: summary(
      lives.map(({ status: now, reported_at, last_resolved_at: to }) =>
        to === null || !["resolved", "closed"].includes(now) ? null : seconds(reported_at, to),
      ),
    ),
    time_in_queue: summary(lives.map(timeInQueue)),
  };
}

function timeInQueue({ stays }: Life): number | null {
  if (stays.length === 0) return null;
  let total = 0;
  for (const { from, to } of stays) {
    if (to === null) return null;
    total += seconds(from, to);
  }
  return total;
}

function summary(durations: readonly (number | null)[]) {
  const sorted = durations.filter((each): each is number => each !== null).sort((a, b) => a - b);
  const count = sorted.length;
  const rank = (percent: number) => sorted[Math.ceil((count * percent) / 100) - 1] ?? null;
  const total = sorted.reduce((all, each) => all + each, 0);
  return {
    count,
    mean_seconds: count === 0 ? null : Math.round((total / count) * 1000) / 1000,
    p50_seconds: rank(50),
    p90_seconds: rank(90),
    p99_seconds: rank(99),
    max_seconds: sorted.at(-1) ?? null,
  };
}

function isAskedFor(life: Life, { from, to, team, severity, assigned_to, type, source, label }: NaiveQuery): boolean {
  const [key = "", value] = label?.split(":") ?? [];
  return (
    (from === undefined || Date.parse(life.reported_at) >= Date.parse(from)) &&
    (to === undefined || Date.parse(life.reported_at) < Date.parse(to)) &&
    (team === undefined || life.team === team) &&
    (severity === undefined || severity.includes(life.severity)) &&
    (assigned_to === undefined || life.handler === assigned_to) &&
    (type === undefined || life.type === type) &&
    (source === undefined || life.source === source) &&
    (label === undefined || (Object.hasOwn(life.labels, key) && life.labels[key] === value))
  );
}

function livesOf(events: readonly StatisticsEvent[]): Life[] {
  const lives = new Map<string, Life>();
  for (const event of events) {
    if (event.type === "incident.reported") lives.set(event.stream, begin(event));
    else {
      const life = lives.get(event.stream);
      if (life !== undefined) happen(life, event);
    }
  }
  return [...lives.values()];
}

function begin({ command_id, recorded_at, data }: StatisticsEvent): Life {
  const { team, severity, type, source, labels } = data as { team: string; severity: number } & Partial<Life>;
  return {
    reported_at: recorded_at,
    report: command_id,
    status: "pending",
    team,
    severity,
    handler: null,
    type,
    source,
    labels: labels ?? {},
    first_acknowledged_at: null,
    last_resolved_at: null,
    arrived_resolved: false,
    stays: [{ from: recorded_at, to: null }],
    times: {},
  };
}

function happen(life: Life, event: StatisticsEvent): void {
  // What an event of its type carries is taken as it is.
  const data = event.data as Record<"from" | "to" | "handler" | "type" | "labels", never>;
  const at = event.recorded_at;
  const more = (name: string) => {
    life.times[name] = (life.times[name] ?? 0) + 1;
  };
  const become = (status: string) => {
    const stay = life.stays.at(-1);
    if (life.status === "pending" && status !== "pending" && stay !== undefined) stay.to = at;
    if (life.status !== "pending" && status === "pending") life.stays.push({ from: at, to: null });
    life.status = status;
  };
  const give = (handler: string | null) => {
    become(handler === null ? "pending" : "assigned");
    life.handler = handler;
  };
  switch (event.type.replace("incident.", "")) {
    case "queued":
      more("queued");
      return;
    case "repeated":
      more("repeats");
      return;
    case "edited":
      if ("type" in data) life.type = data.type;
      if ("labels" in data) life.labels = data.labels;
      return;
    case "severity-changed":
    case "severity-raised":
      if (data.to < data.from) more(event.type.endsWith("raised") ? "raised_by_rule" : "raised_by_hand");
      life.severity = data.to;
      return;
    case "assigned":
    case "woken":
      give(data.handler);
      return;
    case "handed-over":
      if (data.from !== null) more("handed_over");
      give(data.handler);
      return;
    case "rerouted":
      if (data.from !== null) more("rerouted");
      give(data.handler);
      return;
    case "handed-back":
      if (data.handler !== null) more("handed_back");
      give(null);
      return;
    case "acknowledged":
      life.first_acknowledged_at ??= at;
      life.handler ??= data.handler;
      become("acknowledged");
      return;
    case "snoozed":
      life.handler = null;
      become("snoozed");
      return;
    case "moved":
      life.team = data.to;
      if (life.status !== "snoozed") give(null);
      return;
    case "resolved":
      if (event.command_id === life.report) {
        life.arrived_resolved = true;
        life.stays.length = 0;
        life.status = "resolved";
        return;
      }
      life.last_resolved_at = at;
      become("resolved");
      return;
    case "closed":
    case "auto-closed":
      become("closed");
      return;
    case "reopened":
      life.last_resolved_at = null;
      life.handler = null;
      more("reopenings");
      become("pending");
      return;
    case "dismissed":
    case "merged":
    case "deleted":
      become(event.type.replace("incident.", ""));
      return;
    default:
  }
}
