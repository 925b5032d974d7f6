import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { Exposition } from "../../src/metrics/exposition.ts";
import { RequestFigures } from "../../src/metrics/request-figures.ts";
import { callerOf } from "../http/support/client.ts";
import { openNode } from "../http/support/node.ts";
import { samplesOf } from "../support/metrics-text.ts";
import { hasPromtool, promtool } from "../support/promtool.ts";
import { suite } from "../support/suite.ts";

const it = suite("the dashboard and the alerts");

const deploy = fileURLToPath(new URL("../../scripts/deploy/", import.meta.url));
const dashboard = JSON.parse(readFileSync(join(deploy, "grafana-dashboard.json"), "utf8"));
const alerts = parse(readFileSync(join(deploy, "prometheus-alerts.yaml"), "utf8"));

/** Every expression, with the place where it stands. */
const expressions: readonly (readonly [where: string, expression: string])[] = [
  ...dashboard.panels.flatMap((panel: { title: string; targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => [panel.title, expr]),
  ),
  ...dashboard.templating.list
    .filter(({ type }: { type: string }) => type === "query")
    .map(({ name, query }: { name: string; query: { query: string } }) => [name, query.query]),
  ...alerts.groups.flatMap((group: { rules: { alert: string; expr: string }[] }) =>
    group.rules.map(({ alert, expr }) => [alert, expr]),
  ),
];

/** What Prometheus adds to every series, and makes by itself. */
const fromPrometheus = { names: ["up"], labels: ["job", "instance"] };
const words = ["by", "without", "on", "ignoring", "and", "or", "unless", "offset", "bool", "group_left", "group_right"];

/** The names of metrics of an expression, each with the labels that it is matched by. */
function metricsOf(expression: string): { readonly name: string; readonly labels: readonly string[] }[] {
  const variables = expression.replace(/"[^"]*"/g, '""').replace(/\[[^\]]*\]|\b\d[\w.]*/g, "");
  const grouped = variables.replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, "");
  const unnamed = grouped.replace(/^label_values\((.*),\s*\w+\)$/, "$1");
  return [...unnamed.matchAll(/([a-zA-Z_:][\w:]*)\s*(\(|\{([^}]*)\})?/g)]
    .filter(([, name = "", open]) => open !== "(" && !words.includes(name))
    .map(([, name = "", , matchers = ""]) => ({
      name,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label ?? ""),
    }));
}

/** The labels that an expression groups by, or asks the values of. */
function groupingOf(expression: string): string[] {
  const groups = [...expression.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((label) => label.trim()),
  );
  const asked = /^label_values\(.*,\s*(\w+)\)$/.exec(expression)?.[1];
  return [...groups, ...(asked === undefined ? [] : [asked])].filter((label) => label !== "");
}

/** What a real service exports: names with their labels. */
async function exported(): Promise<Map<string, Set<string>>> {
  const node = await openNode();
  const call = callerOf(node.app);
  await call("POST", "/incidents", { body: { title: "x" } });
  // Garbage collection is measured only where there was some; the files only where there is a directory.
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-metrics-"));
  const withFiles = new Exposition(
    { ...node.services, config: { data_dir: directory } },
    node.services.desk_figures,
    new RequestFigures(),
  );
  const text = `${(await call("GET", "/metrics")).text}\n${await withFiles.text()}`;
  rmSync(directory, { recursive: true });
  await node.close();
  const names = new Map<string, Set<string>>();
  for (const { name, labels } of samplesOf(text)) {
    const known = names.get(name) ?? new Set();
    for (const label of Object.keys(labels)) known.add(label);
    names.set(name, known);
  }
  return names;
}

it("name only metrics that the service exports, and only labels that these have", async () => {
  const names = await exported();
  let count = 0;
  for (const [where, expression] of expressions) {
    const metrics = metricsOf(expression);
    assert.ok(metrics.length > 0, `${where} has no metric: ${expression}`);
    const labels = new Set(fromPrometheus.labels);
    for (const metric of metrics) {
      count += 1;
      assert.ok(
        names.has(metric.name) || fromPrometheus.names.includes(metric.name),
        `${where}: there is no ${metric.name}`,
      );
      for (const label of names.get(metric.name) ?? []) labels.add(label);
      for (const label of metric.labels) {
        const has = names.get(metric.name)?.has(label) || fromPrometheus.labels.includes(label);
        assert.ok(has, `${where}: ${metric.name} has no label ${label}`);
      }
    }
    for (const label of groupingOf(expression)) assert.ok(labels.has(label), `${where}: nothing has a label ${label}`);
  }
  assert.ok(count > 50, `only ${count} metrics were looked at`);
});

it("ask for label values that exist", async () => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    status: ["pending", "assigned", "acknowledged", "snoozed"],
    state: ["free", "busy", "unavailable"],
    outcome: ["written", "unchanged", "refused", "repeated", "key-reused", "unavailable", "failed"],
    kind: ["pass-time"],
    severity: ["1", "2", "3", "4", "5"],
  };
  for (const [where, expression] of expressions) {
    for (const [, label = "", text = ""] of expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)) {
      if (allowed[label] === undefined || text.startsWith("$") || text.includes("..")) continue;
      for (const value of text.split("|"))
        assert.ok(allowed[label]?.includes(value), `${where}: ${label} is never ${value}`);
    }
  }
});

it("show in legends only labels that are left", () => {
  for (const panel of dashboard.panels) {
    for (const { expr, legendFormat } of panel.targets ?? []) {
      const kept = groupingOf(expr);
      for (const [, label = ""] of String(legendFormat).matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok(kept.includes(label), `${panel.title}: ${label} is not among ${kept.join(", ")}`);
      }
    }
  }
});

it("use every variable and give every panel a place and a number of its own", () => {
  const text = JSON.stringify(dashboard.panels);
  for (const { name } of dashboard.templating.list)
    assert.match(text, `$${name === "datasource" ? "{datasource}" : name}`);
  const ids = dashboard.panels.map(({ id }: { id: number }) => id);
  assert.is(new Set(ids).size, ids.length);
  const places = dashboard.panels.map(({ gridPos }: { gridPos: object }) => JSON.stringify(gridPos));
  assert.is(new Set(places).size, places.length);
});

if (hasPromtool) {
  it("satisfy promtool: the scrape config, the alerts, and each expression of the dashboard", () => {
    assert.is(promtool(["check", "config", join(deploy, "prometheus.yaml")]), "");
    const rules = expressions
      .filter(([, expression]) => !expression.startsWith("label_values"))
      .map(([, expr], index) => ({ record: `expression_${index}`, expr: expr.replaceAll("$__rate_interval", "5m") }));
    const directory = mkdtempSync(join(tmpdir(), "incident-ledger-rules-"));
    const file = join(directory, "rules.json");
    writeFileSync(file, JSON.stringify({ groups: [{ name: "all", rules }] }));
    const said = promtool(["check", "rules", file]);
    rmSync(directory, { recursive: true });
    assert.is(said, "");
  });
} else {
  it.skip("satisfy promtool", "there is no promtool on the PATH");
}

it("has a page that lists every metric of the service and no other, with its labels", async () => {
  const page = readFileSync(join(deploy, "README.md"), "utf8");
  const rows = [...page.matchAll(/^\| (\w+) \|([^|]*)\|[^|]+\|$/gm)];
  // The table's head is no metric, and without a snapshot there is no age of one.
  const apart = ["metric", "snapshot_age_seconds"];
  const metrics = rows.filter(([, name = ""]) => !apart.includes(name));
  const told = metrics.map(([, name = "", labels = ""]) => {
    const words = labels.split(/[,;]/).map((word) => word.trim());
    return `${name}: ${words.filter((word) => word !== "" && word !== "histogram").sort()}`;
  });
  const real = new Map<string, string>();
  for (const [name, labels] of await exported()) {
    const short = /^incident_ledger_(\w+?)(?:_bucket|_sum|_count)?$/.exec(name)?.[1];
    if (short !== undefined) real.set(short, `${short}: ${[...labels].filter((label) => label !== "le").sort()}`);
  }
  assert.ok(real.size > 20);
  assert.equal(told.toSorted(), [...real.values()].toSorted());
});
