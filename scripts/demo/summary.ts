import { clockOf } from "./picture.ts";
import type { Played } from "./player.ts";

/** What the summary is about. */
export interface SummaryOptions {
  readonly url: string;
  /** The file of the key, or null where another key, or none, was given. */
  readonly key_file: string | null;
  readonly needs_key: boolean;
  /** How many incidents wait at the end, by team. */
  readonly waiting: ReadonlyMap<string, number>;
}

const past: Readonly<Record<string, string>> = {
  report: "reports",
  acknowledge: "acknowledgements",
  comment: "comments",
  escalate: "escalations",
  "hand-over": "hand-overs",
  snooze: "snoozes",
  merge: "merges",
  resolve: "resolutions",
  dismiss: "dismissals",
  reopen: "reopenings",
  shift: "comings and goings",
};

/** What happened, and what to look at next: commands that work as they stand. */
export function summaryOf(played: Played, options: SummaryOptions): string {
  const counts = [...played.counts].filter(([kind]) => past[kind] !== undefined);
  const waiting = [...options.waiting].filter(([, count]) => count > 0).map(([team, count]) => `${team} ${count}`);
  const lines = [
    "",
    `The day is played until ${clockOf(played.at_seconds)}: ${played.numbers.size} incidents; ${counts.map(([kind, count]) => `${count} ${past[kind]}`).join(", ")}.`,
    `${played.passed_over} steps no longer made sense when their time came, and the service refused ${played.refused}.`,
    `Waiting at the end: ${waiting.length === 0 ? "nothing" : waiting.join(", ")}.`,
    "",
    "Look at it:",
    ...commandsFor(played, options).map((command) => `  ${command}`),
    "",
  ];
  return lines.join("\n");
}

function commandsFor({ busiest }: Played, { url, key_file, needs_key, waiting }: SummaryOptions): string[] {
  const secret = key_file === null ? "$KEY" : `$(cat ${quoted(key_file)})`;
  const header = needs_key ? ` -H "Authorization: Bearer ${secret}"` : "";
  const get = (path: string): string => `curl -s ${quoted(`${url}${path}`)}${header}`;
  const longest = [...waiting].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "platform";
  return [
    ...(needs_key && key_file === null ? ["export KEY=…   # the key that you gave"] : []),
    `${get(`/queue?team=${longest}`)}   # what waits, in the order in which it will be taken`,
    `${get(`/handlers?team=${longest}`)}   # who has what`,
    ...(busiest === null
      ? []
      : [`${get(`/incidents/${busiest.number}/timeline`)}   # an eventful life, and why each decision was made`]),
    `${get("/events?limit=20")}   # the ledger itself, from its first event`,
    `curl -s ${quoted(`${url}/metrics`)}   # what Prometheus sees`,
  ];
}

function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
