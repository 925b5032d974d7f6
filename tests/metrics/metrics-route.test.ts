import * as assert from "uvu/assert";
import { limits } from "../../src/config.ts";
import { type Call, callerOf } from "../http/support/client.ts";
import { openNode, type TestNode } from "../http/support/node.ts";
import { readingOf, samplesOf } from "../support/metrics-text.ts";
import { hasPromtool, promtool } from "../support/promtool.ts";
import { suite } from "../support/suite.ts";

const it = suite("GET /metrics");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const scrape = async (from: Call = call): Promise<string> =>
  (await from("GET", "/metrics", { headers: { authorization: null } })).text;
const report = (severity: number, more: object = {}) =>
  call("POST", "/incidents", { body: { title: "x", severity, ...more } });

it("needs no key, and is in Prometheus' text format", async () => {
  const answer = await call("GET", "/metrics", { headers: { authorization: null } });
  assert.is(answer.status, 200);
  assert.is(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  assert.ok(samplesOf(answer.text).length > 100);
});

it("has every series once, and a help and a type for each name", async () => {
  await report(1);
  await scrape();
  const text = await scrape();
  const series = samplesOf(text).map(({ name, labels }) => `${name}${JSON.stringify(labels)}`);
  assert.is(new Set(series).size, series.length);
  for (const [, name] of text.matchAll(/^# TYPE (\S+) /gm)) assert.match(text, `# HELP ${name} `);
});

if (hasPromtool) {
  it("satisfies promtool", async () => {
    await report(1);
    await call("GET", "/nowhere");
    assert.is(promtool(["check", "metrics"], await scrape()), "");
  });
} else {
  it.skip("satisfies promtool", "there is no promtool on the PATH");
}

it("counts what is open, by team, status and severity, through every change", async () => {
  const open = async (status: string, severity: number) =>
    readingOf(await scrape(), "incident_ledger_open_incidents", {
      team: "default",
      status,
      severity: String(severity),
    });
  for (const severity of [1, 2, 2, 4, 4]) await report(severity);
  assert.is(await open("assigned", 2), 2);
  assert.is(await open("pending", 4), 2);
  await call("POST", "/incidents/5/escalate", { body: { severity: 1 } });
  assert.equal([await open("pending", 4), await open("pending", 1)], [1, 1]);
  await call("POST", "/incidents/2/acknowledge");
  await call("POST", "/incidents/1/resolve");
  assert.equal([await open("acknowledged", 2), await open("assigned", 1), await open("pending", 1)], [1, 1, 0]);
  await call("POST", "/incidents/3/snooze", { body: { minutes: 5 } });
  assert.equal([await open("snoozed", 2), await open("assigned", 4)], [1, 1]);
  assert.is(readingOf(await scrape(), "incident_ledger_resolved_awaiting_close"), 1);
});

it("says how long the oldest has been pending since its timestamp, by severity", async () => {
  const age = async (severity: string) =>
    readingOf(await scrape(), "incident_ledger_oldest_pending_age_seconds", { team: "default", severity });
  for (const title of ["a", "b", "c"]) await report(1, { title });
  assert.is(await age("3"), 0);
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
  await report(3, { timestamp: ago(60) });
  await report(3, { timestamp: ago(600) });
  await report(2, { timestamp: ago(5) });
  assert.ok(Math.abs((await age("3")) - 600) < 30);
  assert.ok(Math.abs((await age("2")) - 5) < 30);
  assert.is(await age("1"), 0);
});

it("says who is free, busy and unavailable, and what room there is", async () => {
  await report(1);
  await call("PATCH", "/handlers/Charlie", { body: { available: false } });
  await call("PATCH", "/handlers/Bob", { body: { capacity: 4 } });
  const text = await scrape();
  const handlers = (state: string) => readingOf(text, "incident_ledger_handlers", { team: "default", state });
  assert.equal([handlers("free"), handlers("busy"), handlers("unavailable")], [1, 1, 1]);
  assert.is(readingOf(text, "incident_ledger_team_capacity"), 5);
  assert.is(readingOf(text, "incident_ledger_team_active"), 1);
});

it("counts commands by kind and outcome, and what went into a transaction", async () => {
  const headers = { "idempotency-key": "k" };
  await call("POST", "/incidents", { body: { title: "x" }, headers });
  await call("POST", "/incidents", { body: { title: "x" }, headers });
  await call("POST", "/incidents", { body: { title: "y" }, headers });
  await call("POST", "/incidents/1/resolve");
  await call("POST", "/incidents/1/resolve");
  await call("POST", "/incidents/1/escalate");
  const text = await scrape();
  const commands = (kind: string, outcome: string) =>
    readingOf(text, "incident_ledger_commands_total", { kind, outcome });
  assert.equal(
    [commands("report", "written"), commands("report", "repeated"), commands("report", "key-reused")],
    [1, 1, 1],
  );
  assert.equal([commands("resolve", "written"), commands("resolve", "unchanged")], [1, 1]);
  assert.is(commands("escalate", "refused"), 1);
  assert.is(readingOf(text, "incident_ledger_batch_commits_sum"), 2);
  assert.is(readingOf(text, "incident_ledger_commit_duration_seconds_count"), 2);
  assert.is(readingOf(text, "incident_ledger_head_position"), node.desk.durable_position);
});

it("counts commands that the desk does not take", async () => {
  await node.desk.close();
  await report(1);
  const text = await scrape();
  assert.is(readingOf(text, "incident_ledger_commands_total", { kind: "report", outcome: "unavailable" }), 1);
  assert.is(readingOf(text, "incident_ledger_desk_ready"), 0);
});

it("counts requests by route pattern and status, never by what somebody asked for", async () => {
  await report(1);
  for (const url of [
    "/incidents/1",
    "/incidents/2",
    "/incidents/1/",
    "/nowhere/secret-1",
    "/nowhere/secret-2?a=b",
    "/queue%zz",
  ]) {
    await call("GET", url);
  }
  await call("HEAD", "/incidents/1");
  await call("DELETE", "/queue");
  const text = await scrape();
  const requests = (method: string, route: string, status: string) =>
    readingOf(text, "incident_ledger_http_requests_total", { method, route, status });
  assert.is(requests("GET", "/incidents/:id", "200"), 2);
  assert.is(requests("GET", "/incidents/:id", "404"), 1);
  assert.is(requests("HEAD", "/incidents/:id", "200"), 1);
  assert.equal(
    ["404", "405", "400"].map((status) => requests("any", "none", status)),
    [2, 1, 1],
  );
  assert.not.match(text, /secret|zz/);
  const labels = { method: "GET", route: "/incidents/:id" };
  assert.is(readingOf(text, "incident_ledger_http_request_duration_seconds_count", labels), 3);
  assert.is(readingOf(text, "incident_ledger_http_request_duration_seconds_bucket", { ...labels, le: "+Inf" }), 3);
});

it("puts teams beyond the limit together, and loses nothing of them", async () => {
  for (let team = 1; team <= limits.metric_teams + 3; team += 1) {
    await call("POST", "/teams", { body: { name: `team-${team}` } });
    await report(2, { team: `team-${team}` });
  }
  const text = await scrape();
  const pending = samplesOf(text).filter(
    ({ name, labels }) =>
      name === "incident_ledger_open_incidents" && labels.status === "pending" && labels.severity === "2",
  );
  assert.is(pending.length, limits.metric_teams + 1);
  assert.is(
    pending.reduce((sum, { value }) => sum + value, 0),
    limits.metric_teams + 3,
  );
  assert.is(pending.find(({ labels }) => labels.team === "(others)")?.value, 4);
  if (hasPromtool) assert.is(promtool(["check", "metrics"], text), "");
});

it("answers while the storage does not: it shows the board as it is", async () => {
  let letGo = (): void => {};
  let isHeld = false;
  const held = await openNode({
    around: (ledger) =>
      new Proxy(ledger, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== "function") return value;
          if (name !== "append") return value.bind(target);
          return async (...args: unknown[]) => {
            if (isHeld) {
              await new Promise<void>((resolve) => {
                letGo = resolve;
              });
            }
            return value.apply(target, args);
          };
        },
      }),
  });
  const ask = callerOf(held.app);
  isHeld = true;
  const writing = ask("POST", "/incidents", { body: { title: "x" } });
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const text = await scrape(ask);
  assert.is(readingOf(text, "incident_ledger_team_active"), 1);
  assert.is(readingOf(text, "incident_ledger_head_position"), 5);
  letGo();
  assert.is((await writing).status, 201);
  await held.close();
});

it("gives many who ask at once the same", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => scrape()));
  assert.is(new Set(answers).size, 1);
});

it("shows how the live feed fares", async () => {
  const node = await openNode({
    instead: ({ feed }) => ({
      feed: new Proxy(feed, {
        get: (target, name) => {
          const told = { clients: 3, catching_up: 1, cut_off: 2, lag_ms: 250 };
          if (Object.hasOwn(told, name)) return Reflect.get(told, name);
          const value: unknown = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
    }),
  });
  const text = await scrape(callerOf(node.app));
  await node.close();
  assert.is(readingOf(text, "incident_ledger_feed_clients"), 3);
  assert.is(readingOf(text, "incident_ledger_feed_catching_up_clients"), 1);
  assert.is(readingOf(text, "incident_ledger_feed_cut_off_total"), 2);
  assert.is(readingOf(text, "incident_ledger_feed_lag_seconds"), 0.25);
});
