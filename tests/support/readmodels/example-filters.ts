import type { ListQuery } from "../../../src/readmodels/list-query.ts";
import { instantOf } from "../ledger/example-commits.ts";

/** Every filter alone, and some together. */
export const filters: readonly Omit<ListQuery, "limit">[] = [
  {},
  { status: ["open"] },
  { status: ["pending"] },
  { status: ["open", "resolved"] },
  { status: ["assigned", "snoozed"] },
  { status: ["closed"] },
  { status: ["merged", "dismissed"] },
  { status: [] },
  { severity: [1] },
  { severity: [5, 2, 2] },
  { severity: [] },
  { team: "network" },
  { team: "nowhere" },
  { assigned_to: "Alice" },
  { type: "Slow" },
  { type: 'it\'s "quoted" \\ and ü' },
  { source: "prometheus" },
  { labels: [{ key: "service", value: "x" }] },
  { labels: [{ key: 'quo"ted', value: "ü\"'" }] },
  { labels: [{ key: "back\\slash", value: "x" }] },
  {
    labels: [
      { key: "a.b", value: "y" },
      { key: "region", value: "x" },
    ],
  },
  { labels: [{ key: "__proto__", value: "x" }] },
  { reported_after: instantOf(60) },
  { reported_before: instantOf(60) },
  { reported_after: instantOf(40), reported_before: instantOf(90), status: ["open"] },
  { reported_after: instantOf(90), reported_before: instantOf(40) },
  { team: "payments", status: ["open"], severity: [1, 2, 3] },
  { status: ["pending"], source: "operator", type: "System Outage", labels: [{ key: "service", value: "x" }] },
];
