import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Answer, type Call, callerOf, codeOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("incidents over HTTP");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

async function report(body: Json = {}): Promise<Json> {
  const answer = await call("POST", "/incidents", { body: { title: "a fault", ...body } });
  assert.is(answer.status, 201, answer.text);
  return answer.json;
}

it("are reported, settled and found again by number and by id, whatever its case", async () => {
  const body = {
    description: "\n  Complete system failure  \nNothing answers.",
    type: "System Outage",
    severity: "Critical",
    timestamp: "2023-12-17T11:00:00+01:00",
    source: "operator",
    reported_by: "ops@example.com",
    labels: { service: "checkout" },
    links: [{ href: "https://wiki.example.com/x", text: "runbook" }],
  };
  const answer = await call("POST", "/incidents", { body });
  assert.is(answer.status, 201);
  const { incident_id } = answer.json;
  assert.is(answer.headers.location, `/incidents/${incident_id}`);
  assert.is(answer.headers.etag, '"2"');
  const { title, severity, timestamp, status, assigned_to, queue_position, labels, links, number } = answer.json;
  assert.equal(
    { title, severity, timestamp, status, assigned_to, queue_position, labels, links, number },
    {
      title: "Complete system failure",
      severity: 1,
      timestamp: "2023-12-17T10:00:00.000Z",
      status: "assigned",
      assigned_to: "Alice",
      queue_position: null,
      labels: body.labels,
      links: body.links,
      number: 1,
    },
  );
  for (const id of ["1", String(incident_id), String(incident_id).toUpperCase()]) {
    const found = await call("GET", `/incidents/${id}`);
    assert.equal(found.json, answer.json, id);
    assert.is(found.headers.etag, '"2"');
  }
});

it("have a severity 3 and the desk's time where the report says nothing", async () => {
  const incident = await report();
  assert.is(incident.severity, 3);
  assert.is(incident.timestamp, incident.reported_at);
});

it("are repeated with 200 while their key is open", async () => {
  const first = await report({ dedup_key: "k" });
  const answer = await call("POST", "/incidents", { body: { title: "again", dedup_key: "k", severity: 1 } });
  assert.is(answer.status, 200);
  assert.is(answer.headers.location, `/incidents/${first.incident_id}`);
  const { number, repeats, severity, title } = answer.json;
  assert.equal({ number, repeats, severity, title }, { number: 1, repeats: 1, severity: 1, title: "a fault" });
});

it("may be over already when they are reported", async () => {
  const incident = await report({ status: "Resolved" });
  assert.is(incident.status, "resolved");
  assert.is((await call("GET", "/incidents/1")).json.status, "resolved");
});

it("go through their life by the actions", async () => {
  await report();
  const act = async (action: string, body?: Json): Promise<Json> => {
    const answer = await call("POST", `/incidents/1/${action}`, body === undefined ? {} : { body });
    assert.is(answer.status, 200, `${action}: ${answer.text}`);
    return answer.json;
  };
  assert.is((await act("acknowledge")).acknowledged_by, "admin");
  assert.is((await act("acknowledge")).version, 3, "asked twice it changes nothing");
  assert.is((await act("assign", { handler: "bob" })).assigned_to, "Bob");
  assert.is((await act("escalate", { severity: "high", reason: "many are affected" })).severity, 2);
  assert.is((await act("escalate")).severity, 1);
  const asleep = await act("snooze", { minutes: 60 });
  assert.is(asleep.status, "snoozed");
  assert.is(asleep.snoozed_from, "Bob");
  assert.is((await act("snooze", { until: "2027-11-01T00:00:00+02:00" })).snoozed_until, "2027-10-31T22:00:00.000Z");
  assert.is((await act("wake")).assigned_to, "Bob");
  assert.is((await act("unassign")).status, "assigned", "somebody else takes it at once");
  assert.is((await act("resolve", { resolution: "restarted" })).resolution, "restarted");
  assert.is((await act("close")).status, "closed");
  assert.is((await act("reopen", { reason: "it is back" })).resolution, null);
  assert.is((await act("dismiss", { reason: "a test" })).status, "dismissed");
});

it("merge by number or id, and the other absorbs the key", async () => {
  await report({ dedup_key: "a" });
  const other = await report({ dedup_key: "b" });
  const answer = await call("POST", "/incidents/1/merge", { body: { into: other.incident_id } });
  assert.is(answer.json.status, "merged");
  assert.is(answer.json.merged_into, 2);
  const repeat = await call("POST", "/incidents", { body: { title: "a again", dedup_key: "a" } });
  assert.is(repeat.json.number, 2);
});

it("are updated with PUT and PATCH, several fields at once", async () => {
  await report();
  for (const method of ["PUT", "PATCH"] as const) {
    const body = { severity: method === "PUT" ? 2 : 5, title: `by ${method}`, type: "Network", labels: { by: method } };
    const { json, status } = await call(method, "/incidents/1", { body });
    assert.is(status, 200);
    assert.equal(
      [json.severity, json.title, json.type, json.labels],
      [body.severity, body.title, "Network", body.labels],
    );
  }
  const merged = await call("PATCH", "/incidents/1", {
    body: { type: null, status: "SNOOZED", until: "2027-01-01T00:00:00Z" },
    headers: { "content-type": "application/merge-patch+json; charset=utf-8" },
  });
  assert.equal([merged.status, merged.json.type, merged.json.status], [200, null, "snoozed"]);
  const unassigned = await call("PATCH", "/incidents/1", { body: { assigned_to: null } });
  assert.is(unassigned.json.snoozed_from, null);
});

it("merge labels by a merge patch, and replace them otherwise", async () => {
  await report({ labels: { a: "1", b: "2" } });
  const type = { "content-type": "Application/Merge-Patch+JSON" };
  const merged = await call("PATCH", "/incidents/1", { body: { labels: { a: null, c: "3" } }, headers: type });
  assert.equal(merged.json.labels, { b: "2", c: "3" });
  const both = ["x", "y"].map((name) =>
    call("PATCH", "/incidents/1", { body: { labels: { [name]: "1" } }, headers: type }),
  );
  for (const answer of await Promise.all(both)) assert.is(answer.status, 200, answer.text);
  const { json } = await call("GET", "/incidents/1");
  assert.equal(json.labels, { b: "2", c: "3", x: "1", y: "1" }, "neither lost what the other wrote");
  const stale = { ...type, "if-match": '"2"' };
  assert.is((await call("PATCH", "/incidents/1", { body: { labels: { z: "1" } }, headers: stale })).status, 412);
  const replaced = await call("PATCH", "/incidents/1", { body: { labels: { z: "1" } } });
  assert.equal(replaced.json.labels, { z: "1" });
  assert.is((await call("PATCH", "/incidents/1", { body: { labels: { z: null } } })).status, 422);
});

it("are commented upon", async () => {
  await report();
  const answer = await call("POST", "/incidents/1/comments", { body: { text: "The provider confirms." } });
  assert.is(answer.status, 201);
  const { text, actor, number, position } = answer.json;
  assert.equal(
    { text, actor, number, position },
    { text: "The provider confirms.", actor: "admin", number: 1, position: 8 },
  );
  assert.is(answer.headers.etag, '"3"');
});

it("tell their story in the timeline, with what each decision follows from", async () => {
  await report();
  await call("POST", "/incidents/1/resolve");
  const answer = await call("GET", "/incidents/1/timeline?count=true");
  const events = rowsOf(answer, "events");
  assert.equal(
    events.map(({ type, kind, position, because, sentence }) => [type, kind, position, because, sentence]),
    [
      ["incident.reported", "fact", 6, null, "Reported in the team default with severity 3 (medium)."],
      ["incident.assigned", "decision", 7, 6, "Assigned to Alice by the rules."],
      ["incident.resolved", "fact", 8, null, "Resolved by admin."],
    ],
  );
  assert.is(answer.json.total, 3);
  const first = await call("GET", "/incidents/1/timeline?limit=2");
  const second = await call("GET", `/incidents/1/timeline?limit=2&cursor=${first.json.next_cursor}`);
  assert.equal([...rowsOf(first, "events"), ...rowsOf(second, "events")], events);
  assert.is(second.json.next_cursor, null);
});

it("are gone when deleted, but for the ledger", async () => {
  const { incident_id } = await report();
  const answer = await call("DELETE", `/incidents/${incident_id}`, { body: { reason: "a test" } });
  assert.equal([answer.status, answer.json.status, answer.json.title], [200, "deleted", "a fault"]);
  for (const url of [`/incidents/${incident_id}`, "/incidents/1", "/incidents/1/timeline"]) {
    assert.is((await call("GET", url)).status, 404, url);
  }
  assert.is((await call("POST", "/incidents/1/reopen")).status, 404);
  assert.is((await call("DELETE", "/incidents/1")).status, 404);
  assert.equal(rowsOf(await call("GET", "/incidents"), "incidents"), []);
  const audit = rowsOf(await call("GET", "/events?incident=1"), "events");
  assert.is(audit.at(-1)?.type, "incident.deleted");
});

it("are acted upon in bulk, each by itself", async () => {
  await report();
  const second = await report();
  await report({ status: "resolved" });
  const body = { action: "assign", ids: [1, second.incident_id, "3", 99], handler: "Charlie", force: true };
  const answer = await call("POST", "/incidents/bulk", { body });
  assert.is(answer.status, 200);
  const results = rowsOf(answer, "results");
  assert.equal(
    results.map(({ id, status }) => [id, status]),
    [
      [1, 200],
      [second.incident_id, 200],
      ["3", 409],
      [99, 404],
    ],
  );
  assert.match(JSON.stringify(results[1]), '"assigned_to":"Charlie"');
  assert.match(JSON.stringify(results[2]), "/problems/illegal-transition");
  for (const action of ["acknowledge", "resolve", "close"]) {
    const again = await call("POST", "/incidents/bulk", { body: { action, ids: [1, 2] } });
    assert.equal(
      rowsOf(again, "results").map(({ status }) => status),
      [200, 200],
      again.text,
    );
  }
});

it("are listed by their fields", async () => {
  await report({ severity: 1, type: "Network", labels: { service: "a:b" }, source: "monitor" });
  await report({ severity: 2, timestamp: "2020-01-01T00:00:00Z" });
  await report({ severity: 4, status: "resolved" });
  const numbers = async (query: string): Promise<unknown[]> => {
    const answer = await call("GET", `/incidents${query}`);
    assert.is(answer.status, 200, answer.text);
    return rowsOf(answer, "incidents").map(({ number }) => number);
  };
  assert.equal(await numbers(""), [3, 2, 1]);
  assert.equal(await numbers("?sort=number"), [1, 2, 3]);
  assert.equal(await numbers("?sort=timestamp"), [2, 1, 3]);
  assert.equal(await numbers("?status=open"), [2, 1]);
  assert.equal(await numbers("?status=Resolved,closed"), [3]);
  assert.equal(await numbers("?severity=critical,2"), [2, 1]);
  assert.equal(await numbers("?assigned_to=alice"), [1]);
  assert.equal(await numbers("?type=Network&source=monitor&team=DEFAULT"), [1]);
  assert.equal(await numbers("?label=service:a:b"), [1]);
  assert.equal(await numbers("?label=service:a:b&label=zone:x"), []);
  assert.equal(await numbers("?reported_after=2100-01-01T00:00:00Z"), []);
  assert.equal(await numbers("?reported_before=2100-01-01T00:00:00+02:00"), [3, 2, 1]);
  assert.equal(await numbers("?unheard_of=1"), [3, 2, 1]);
  const first = await call("GET", "/incidents?limit=2&count=true");
  assert.is(first.json.total, 3);
  await report();
  const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? "";
  const second = await call("GET", next as `/${string}`);
  assert.equal(
    rowsOf(second, "incidents").map(({ number }) => number),
    [1],
    "a cursor is stable while rows come",
  );
  assert.is(second.json.next_cursor, null);
  assert.is(second.headers.link, undefined);
});

it("name what would be allowed where a transition is not", async () => {
  await report({ status: "resolved" });
  const answer: Answer = await call("POST", "/incidents/1/acknowledge");
  assert.is(answer.status, 409);
  assert.is(codeOf(answer), "illegal-transition");
  assert.match(String(answer.json.detail), /resolved.*reopen/);
});
