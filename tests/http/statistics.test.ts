import * as assert from "uvu/assert";
import { prefersCsv } from "../../src/http/routes/statistics/prefers-csv.ts";
import { TooManyGroups } from "../../src/readmodels/statistics/statistics-query.ts";
import { suite } from "../support/suite.ts";
import { type Answer, type Call, callerOf, codeOf, faultsOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("GET /statistics");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

function countsOf(row: unknown): Readonly<Record<string, number>> {
  return (row as { counts: Readonly<Record<string, number>> }).counts;
}

async function report(fields: Json = {}): Promise<void> {
  const answer = await call("POST", "/incidents", { body: { title: "x", ...fields } });
  assert.ok(answer.status < 300, answer.text);
}

/** The lines of a CSV answer, cell by cell; none of the cells of these tests is in quotes. */
function cellsOf({ text }: Answer): string[][] {
  assert.ok(text.endsWith("\r\n"));
  return text
    .slice(0, -2)
    .split("\r\n")
    .map((line) => line.split(","));
}

it("gives zeros and nulls where there is nothing, and a row for whoever could have had something", async () => {
  await call("POST", "/teams", { body: { name: "network" } });
  await call("POST", "/handlers", { body: { handler_id: "Dora", team: "network" } });
  const { json, headers } = await call("GET", "/statistics");
  assert.is(headers["content-type"], "application/json; charset=utf-8");
  assert.ok(Object.values(countsOf(json.all)).every((count) => count === 0));
  assert.equal((json.all as Json).time_to_resolve, {
    count: 0,
    mean_seconds: null,
    p50_seconds: null,
    p90_seconds: null,
    p99_seconds: null,
    max_seconds: null,
  });
  const keys = (section: unknown, name: string) => (section as Json[]).map((row) => row[name]);
  assert.equal(keys(json.by_severity, "severity"), [1, 2, 3, 4, 5]);
  assert.equal(keys(json.by_team, "team"), ["default", "network"]);
  assert.equal(keys(json.by_handler, "handler_id"), ["Alice", "Bob", "Charlie", "Dora"]);
  assert.equal(json.by_day, []);
  const one = (await call("GET", "/statistics?team=NetWork&severity=high,1")).json;
  assert.equal(
    [one.team, keys(one.by_team, "team"), keys(one.by_handler, "handler_id"), keys(one.by_severity, "severity")],
    ["network", ["network"], ["Dora"], [1, 2]],
  );
});

it("shows at once what was written", async () => {
  for (let number = 1; number <= 5; number += 1) {
    await report({ severity: number });
    const answer = await call("GET", "/statistics");
    assert.is(countsOf(answer.json.all).reported, number);
    assert.is(Number(answer.headers["ledger-position"]), node.desk.durable_position);
  }
  const { json } = await call("GET", "/statistics");
  const { open, assigned, pending, queued } = countsOf(json.all);
  assert.equal({ open, assigned, pending, queued }, { open: 5, assigned: 3, pending: 2, queued: 2 });
  const nobody = rowsOf({ json } as Answer, "by_handler").at(-1);
  assert.equal([nobody?.handler_id, countsOf(nobody).reported], [null, 2]);
});

it("agrees with the list of incidents, status by status", async () => {
  await report({ status: "resolved" });
  await report({ status: "resolved" });
  await call("POST", "/incidents/2/close");
  for (let number = 3; number <= 8; number += 1) await report();
  await call("POST", "/incidents/3/dismiss");
  await call("POST", "/incidents/4/merge", { body: { into: 5 } });
  await call("POST", "/incidents/5/snooze", { body: { minutes: 5 } });
  await call("POST", "/incidents/6/acknowledge");
  await call("POST", "/incidents/1/reopen");
  await call("DELETE", "/incidents/7");
  const counts = countsOf((await call("GET", "/statistics")).json.all);
  for (const status of [
    "open",
    "pending",
    "assigned",
    "acknowledged",
    "snoozed",
    "resolved",
    "closed",
    "dismissed",
    "merged",
  ]) {
    const list = await call("GET", `/incidents?status=${status}&count=true&limit=1`);
    assert.is(counts[status], list.json.total, status);
  }
  const { reported, reported_resolved, reopened } = counts;
  assert.equal({ reported, reported_resolved, reopened }, { reported: 7, reported_resolved: 2, reopened: 1 });
});

it("takes times with any offset, and a span that is empty", async () => {
  await report();
  const at = String((await call("GET", "/incidents/1")).json.reported_at);
  const later = new Date(Date.parse(at) + 3_600_000 + 1).toISOString().replace("Z", "+01:00");
  const count = async (query: string) => countsOf((await call("GET", `/statistics?${query}`)).json.all).reported;
  assert.is(await count(`from=${at}`), 1);
  assert.is(await count(`to=${at}`), 0);
  assert.is(await count(`from=${at}&to=${at}`), 0);
  assert.is(await count(`from=${at}&to=${encodeURIComponent(later)}`), 1);
  assert.is(await count(`from=${at}&to=${later}`), 1, "a plus sign that nobody escaped");
  assert.is(await count(`from=${later}`), 0);
  const { json } = await call("GET", `/statistics?to=${later}`);
  assert.is(json.to, new Date(Date.parse(at) + 1).toISOString());
});

it("says what is wrong with a question", async () => {
  const wrong: readonly (readonly [string, number, string, string])[] = [
    ["from=2026-02-01T00:00:00Z&to=2026-01-31T23:00:00-00:30", 422, "validation-failed", "from"],
    ["from=yesterday", 422, "validation-failed", "from"],
    ["to=2026-01-31", 422, "validation-failed", "to"],
    ["from=", 422, "validation-failed", "from"],
    ["by=month", 422, "validation-failed", "by"],
    ["by=", 422, "validation-failed", "by"],
    ["format=xml", 422, "validation-failed", "format"],
    ["severity=6", 422, "validation-failed", "severity"],
    ["label=x", 422, "validation-failed", "label"],
    ["team=nowhere", 404, "team-not-found", ""],
    ["team=", 404, "team-not-found", ""],
    ["assigned_to=Nobody", 404, "handler-not-found", ""],
  ];
  for (const [query, status, code, parameter] of wrong) {
    const answer = await call("GET", `/statistics?${query}`);
    assert.equal([answer.status, codeOf(answer), faultsOf(answer)[0] ?? ""], [status, code, parameter], query);
  }
});

it("refuses more rows than anybody can use, and says what to do", async () => {
  const broken = await openNode({
    instead: ({ list }) => ({
      list: {
        page: (query, at_least) => list.page(query, at_least),
        statistics: (query, at_least) => list.statistics({ ...query, most_groups: 2 }, at_least),
        ask: (work, at_least) => list.ask(work, at_least),
        state: list.state,
        position: list.position,
      },
    }),
  });
  const ask = callerOf(broken.app);
  for (const severity of [1, 2, 3]) await ask("POST", "/incidents", { body: { title: "x", severity } });
  const answer = await ask("GET", "/statistics");
  assert.equal([answer.status, faultsOf(answer)], [422, ["by"]]);
  assert.match(String(answer.json.detail), "by severity; leave it out");
  assert.is((await ask("GET", "/statistics?by=day,team")).status, 200);
  assert.instance(new TooManyGroups("day"), Error);
  await broken.close();
});

it("gives only the groupings that are asked for, whatever the case", async () => {
  const { json } = await call("GET", "/statistics?by=Day,TEAM");
  assert.equal(
    Object.keys(json).filter((name) => name.startsWith("by_")),
    ["by_team", "by_day"],
  );
});

it("selects by source, type, labels and handler", async () => {
  await report({ source: "a", type: "t", labels: { k: "v", l: "w" }, assigned_to: "Bob" });
  await report({ source: "a", labels: { k: "v" } });
  await report({ type: "t", labels: { l: "w" } });
  const count = async (query: string) => countsOf((await call("GET", `/statistics?${query}`)).json.all).reported;
  assert.is(await count("source=a"), 2);
  assert.is(await count("source=b"), 0);
  assert.is(await count("type=t&source=a"), 1);
  assert.is(await count("label=k:v"), 2);
  assert.is(await count("label=k:v&label=l:w"), 1);
  assert.is(await count("label=k:w"), 0);
  assert.is(await count("assigned_to=BOB"), 1);
});

it("is CSV on request: a header, a row of all, a row for each group, numbers as numbers", async () => {
  await report({ severity: 2 });
  const at = String((await call("GET", "/incidents/1")).json.reported_at);
  const answer = await call("GET", `/statistics?format=CSV&team=default&from=${at}`);
  assert.is(answer.headers["content-type"], "text/csv; charset=utf-8; header=present");
  const day = at.slice(0, 10);
  assert.is(answer.headers["content-disposition"], `attachment; filename="statistics-default-${day}.csv"`);
  const [header = [], ...rows] = cellsOf(answer);
  assert.equal(header.slice(0, 4), ["dimension", "key", "reported", "open"]);
  assert.ok(rows.every((row) => row.length === header.length));
  assert.equal(
    rows.map(([dimension, key, reported]) => [dimension, key, reported].join(" ")),
    ["all  1", ..."12345".split("").map((key) => `severity ${key} ${key === "2" ? 1 : 0}`), "team default 1"].concat([
      "handler Alice 1",
      "handler Bob 0",
      "handler Charlie 0",
      `day ${day} 1`,
    ]),
  );
  const all = Object.fromEntries(header.map((name, index) => [name, rows[0]?.[index]]));
  assert.equal([all.time_in_queue_count, all.time_in_queue_p50_seconds], ["1", "0"]);
  assert.equal([all.time_to_resolve_count, all.time_to_resolve_mean_seconds], ["0", ""]);
});

it("is CSV where that is what the caller accepts best, unless `format` says otherwise", async () => {
  const type = async (query: string, accept: string) =>
    String((await call("GET", `/statistics${query}`, { headers: { accept } })).headers["content-type"]).split(";")[0];
  assert.is(await type("", "text/csv"), "text/csv");
  assert.is(await type("?format=json", "text/csv"), "application/json");
  assert.is(await type("?format=csv", "application/json"), "text/csv");
  assert.is((await call("GET", "/statistics")).headers.vary, "accept");
  const preferences: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, false],
    ["", false],
    ["*/*", false],
    ["text/*", true],
    ["text/csv, application/json", false],
    ["TEXT/CSV;header=present, */*;q=0.1", true],
    ["application/json;q=0.5, text/csv;q=0.4", false],
    ["application/json; q=0.5, text/csv", true],
    ["text/csv;q=0", false],
    ["text/csv;q=x", false],
  ];
  for (const [accept, isCsv] of preferences) assert.is(prefersCsv(accept), isCsv, accept);
});
