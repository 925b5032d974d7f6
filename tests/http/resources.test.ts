import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, codeOf, faultsOf, rowsOf } from "./support/client.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("queue, handlers, teams and ledger over HTTP");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode({ handlers: ["Alice"] });
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const report = (severity: number, timestamp = "2023-12-17T10:00:00Z") =>
  call("POST", "/incidents", { body: { title: `severity ${severity}`, severity, timestamp } });

it("show the queue in the order in which it will be taken", async () => {
  for (const severity of [5, 4, 2, 3, 1]) await report(severity);
  const queue = await call("GET", "/queue?count=true");
  assert.equal(
    rowsOf(queue, "incidents").map(({ severity, queue_position, status }) => [severity, queue_position, status]),
    [
      [1, 1, "pending"],
      [2, 2, "pending"],
      [3, 3, "pending"],
      [4, 4, "pending"],
    ],
  );
  assert.is(queue.json.total, 4);
  assert.is((await call("GET", "/incidents/5")).json.queue_position, 1);
});

it("go on after the same place in the queue when what stood there has left", async () => {
  for (const severity of [5, 1, 2, 3, 4]) await report(severity);
  const first = await call("GET", "/queue?limit=2");
  assert.equal(
    rowsOf(first, "incidents").map(({ severity }) => severity),
    [1, 2],
  );
  await call("POST", "/incidents/3/resolve");
  await report(1, "2023-12-17T09:00:00Z");
  const second = await call("GET", `/queue?limit=2&cursor=${first.json.next_cursor}`);
  assert.equal(
    rowsOf(second, "incidents").map(({ severity, queue_position }) => [severity, queue_position]),
    [
      [3, 3],
      [4, 4],
    ],
  );
  assert.is(second.json.next_cursor, null);
});

it("let handlers join, change, be away and leave", async () => {
  await report(3);
  await report(3);
  const joined = await call("POST", "/handlers", { body: { handler_id: "Dora", name: "Dora D.", capacity: 2 } });
  assert.is(joined.status, 201);
  assert.is(joined.headers.location, "/handlers/Dora");
  const { name, capacity, active, free, team } = joined.json;
  assert.equal(
    { name, capacity, active, free, team },
    { name: "Dora D.", capacity: 2, active: 1, free: 1, team: "default" },
  );
  const away = await call("PATCH", "/handlers/dora", { body: { available: false, reason: "lunch" } });
  assert.equal([away.json.available, away.json.unavailable_reason, away.json.active], [false, "lunch", 1]);
  const back = await call("PATCH", "/handlers/Dora", { body: { available: true, capacity: 3, name: "D." } });
  assert.equal(
    [back.json.available, back.json.unavailable_reason, back.json.capacity, back.json.name],
    [true, null, 3, "D."],
  );
  const list = rowsOf(await call("GET", "/handlers?team=default&count=true"), "handlers");
  assert.equal(
    list.map(({ handler_id, active }) => [handler_id, active]),
    [
      ["Alice", 1],
      ["Dora", 1],
    ],
  );
  const left = await call("DELETE", "/handlers/Dora");
  assert.equal([left.status, left.json.team, left.json.active], [200, null, 0]);
  assert.equal(
    rowsOf(await call("GET", "/handlers"), "handlers").map(({ handler_id }) => handler_id),
    ["Alice"],
  );
  assert.is((await call("GET", "/handlers/dora")).json.team, null, "who has left stays on record");
  assert.is((await call("PATCH", "/handlers/Dora", { body: { capacity: 1 } })).status, 409);
});

it("page through handlers in the order of joining", async () => {
  for (const handler_id of ["Zoe", "Bob", "Max"]) await call("POST", "/handlers", { body: { handler_id } });
  const first = await call("GET", "/handlers?limit=3");
  const second = await call("GET", `/handlers?limit=3&cursor=${first.json.next_cursor}`);
  assert.equal(
    [...rowsOf(first, "handlers"), ...rowsOf(second, "handlers")].map(({ handler_id }) => handler_id),
    ["Alice", "Zoe", "Bob", "Max"],
  );
});

it("create teams and change their rules", async () => {
  const created = await call("POST", "/teams", { body: { name: "network", rules: { default_capacity: 4 } } });
  assert.is(created.status, 201);
  assert.is(created.headers.location, "/teams/network");
  const rules = { ack_timeout_seconds: null, default_capacity: 4, auto_close_days: 30, default_snooze_minutes: 1440 };
  assert.equal(created.json.rules, rules);
  const changed = await call("PATCH", "/teams/Network", {
    body: { rules: { ack_timeout_seconds: 900 }, reason: "slow" },
  });
  assert.equal([changed.json.rules, changed.json.version], [{ ...rules, ack_timeout_seconds: 900 }, 2]);
  assert.equal((await call("GET", "/teams/network")).json, changed.json);
  assert.equal(
    rowsOf(await call("GET", "/teams"), "teams").map(({ name }) => name),
    ["default", "network"],
  );
  const dora = await call("POST", "/handlers", { body: { handler_id: "Dora", team: "network" } });
  assert.is(dora.json.capacity, 4);
  const incident = await call("POST", "/incidents", { body: { title: "x", team: "NETWORK" } });
  assert.equal([incident.json.team, incident.json.assigned_to], ["network", "Dora"]);
  assert.equal(rowsOf(await call("GET", "/queue?team=network"), "incidents"), []);
});

it("refuse what is there already, and what is not there at all", async () => {
  assert.is(codeOf(await call("POST", "/teams", { body: { name: "Default" } })), "team-exists");
  const again = await call("POST", "/handlers", { body: { handler_id: "ALICE" } });
  assert.equal([codeOf(again), faultsOf(again)], ["handler-exists", ["#/handler_id"]]);
  for (const url of ["/teams/nope", "/handlers/nope", "/queue?team=nope", "/handlers?team=nope"]) {
    assert.is((await call("GET", url)).status, 404, url);
  }
});

it("give the ledger page by page, with a hash for each event", async () => {
  await report(1);
  const all = rowsOf(await call("GET", "/events"), "events");
  assert.equal(
    all.map(({ position }) => position),
    [1, 2, 3, 4, 5],
  );
  const head = await call("GET", "/ledger/head");
  assert.equal([head.json.position, head.json.hash], [5, all.at(-1)?.hash]);
  assert.is(head.headers["ledger-position"], "5");
  const seen: unknown[] = [];
  for (let cursor: unknown = ""; cursor !== null; ) {
    const page = await call("GET", `/events?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
    seen.push(...rowsOf(page, "events"));
    cursor = page.json.next_cursor;
  }
  assert.equal(seen, all);
  const some = await call("GET", "/events?after=2&type=handler.joined,incident.assigned&count=true");
  assert.equal(
    rowsOf(some, "events").map(({ type }) => type),
    ["handler.joined", "incident.assigned"],
  );
  assert.is(some.json.total, 2);
  assert.is((await call("GET", "/events?incident=1&count=true")).json.total, 2);
  assert.equal(rowsOf(await call("GET", "/events?incident=99"), "events"), []);
  assert.equal(faultsOf(await call("GET", "/events?type=nonsense")), ["type"]);
});

it("say how the service is, without a credential", async () => {
  const open = { headers: { authorization: null } };
  assert.is((await call("GET", "/health", open)).json.status, "healthy");
  assert.is((await call("GET", "/readyz", open)).status, 200);
  assert.is((await call("GET", "/livez", open)).json.status, "alive");
  assert.is((await call("GET", "/", open)).json.name, "incident-ledger");
  const page = await call("GET", "/", { headers: { authorization: null, accept: "text/html,*/*" } });
  assert.match(String(page.headers["content-type"]), /^text\/html/);
  assert.match(page.text, /openapi\.json/);
});

it("turn unhealthy when the desk takes nothing", async () => {
  await node.desk.close();
  for (const url of ["/health", "/readyz"]) {
    const answer = await call("GET", url);
    assert.equal([answer.status, answer.json.status, answer.json.desk], [503, "unhealthy", "closing"], url);
  }
  assert.is((await call("GET", "/livez")).status, 200);
  const refused = await report(1);
  assert.equal([refused.status, codeOf(refused), refused.headers["retry-after"]], [503, "closing", "5"]);
});
