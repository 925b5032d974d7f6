import { Client } from "undici";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { adminKey, openNode, type TestNode } from "./support/node.ts";

const it = suite("the five scenarios, over HTTP");

type Json = Readonly<Record<string, unknown>>;

let node: TestNode;
let client: Client;

it.before.each(async () => {
  node = await openNode();
  await node.app.listen({ host: "127.0.0.1", port: 0 });
  const [address] = node.app.addresses();
  client = new Client(`http://127.0.0.1:${typeof address === "object" ? address.port : 0}`);
});
it.after.each(async () => {
  await client.close();
  await node.close();
});

async function call(method: "GET" | "POST" | "PUT", path: string, body?: string | Json): Promise<Json> {
  const answer = await client.request({
    method,
    path,
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const json = (await answer.body.json()) as Json;
  assert.ok(answer.statusCode < 300, JSON.stringify(json));
  return json;
}

const report = (type: string, severity: number, minute: string, description: string) =>
  call("POST", "/incidents", { type, severity, timestamp: `2023-12-17T10:${minute}:00Z`, description });

const statusOf = ({ status, assigned_to }: Json) => [status, assigned_to];

const now = async ({ number }: Json) => statusOf(await call("GET", `/incidents/${number}`));

async function queue(): Promise<unknown[]> {
  const { incidents } = await call("GET", "/queue");
  return (incidents as Json[]).map((incident) => incident.description);
}

it("gives a report of severity 1 to the first available handler at once", async () => {
  assert.equal(statusOf(await report("System Outage", 1, "00", "Complete system failure")), ["assigned", "Alice"]);
});

it("gives two reports of severity 3 to a handler each, evenly", async () => {
  await report("System Outage", 1, "00", "Complete system failure");
  assert.equal(statusOf(await report("Performance Issue", 3, "05", "slow")), ["assigned", "Bob"]);
  assert.equal(statusOf(await report("Performance Issue", 3, "06", "slower")), ["assigned", "Charlie"]);
});

it("takes what waits in the order of its timestamps, even when reports arrive out of order", async () => {
  const outage = await report("System Outage", 1, "00", "Complete system failure");
  const other = await report("System Outage", 1, "01", "another");
  await report("System Outage", 1, "02", "a third");
  const later = await report("Performance Issue", 3, "06", "later");
  const earlier = await report("Performance Issue", 3, "05", "earlier");
  assert.equal(await queue(), ["earlier", "later"]);
  await call("POST", `/incidents/${outage.number}/resolve`);
  assert.equal(await now(earlier), ["assigned", "Alice"]);
  assert.equal(await now(later), ["pending", null]);
  await call("POST", `/incidents/${other.number}/resolve`);
  assert.equal(await now(later), ["assigned", "Bob"]);
});

it("gives a freed handler the most urgent pending incident, the oldest of equals", async () => {
  const issue = await report("Network Issue", 2, "07", "Network connectivity lost");
  await report("Performance Issue", 3, "05", "slow");
  await report("Performance Issue", 3, "06", "slower");
  const minor = await report("Minor", 4, "01", "minor");
  const second = await report("Urgent", 2, "09", "second");
  const first = await report("Urgent", 2, "08", "first");
  assert.equal(await queue(), ["first", "second", "minor"]);
  await call("PUT", `/incidents/${issue.incident_id}`, { status: "Resolved" });
  assert.equal(await now(first), ["assigned", "Alice"]);
  assert.equal(await now(second), ["pending", null]);
  assert.equal(await now(minor), ["pending", null]);
});

it("takes a report that is resolved already, and nobody with it", async () => {
  const resolved = { type: "Network Issue", severity: 2, timestamp: "2023-12-17T10:07:00Z", description: "was lost" };
  assert.equal(statusOf(await call("POST", "/incidents", { ...resolved, status: "Resolved" })), ["resolved", null]);
  assert.equal(statusOf(await report("System Outage", 1, "08", "Complete system failure")), ["assigned", "Alice"]);
});

it("lets an incident wait while everybody is busy, until somebody is free", async () => {
  const busy = [];
  for (const minute of ["00", "01", "02"]) busy.push(await report("System Outage", 1, minute, minute));
  const waiting = await report("Database Error", 2, "10", "waits");
  assert.equal(statusOf(waiting), ["pending", null]);
  assert.is(waiting.queue_position, 1);
  await call("POST", `/incidents/${busy[1]?.number}/resolve`);
  assert.equal(await now(waiting), ["assigned", "Bob"]);
});

it("puts a breach that is raised from 4 to 1 ahead of everything less urgent", async () => {
  for (const minute of ["00", "01", "02"]) await report("System Outage", 1, minute, minute);
  await report("Database Error", 2, "10", "error");
  const breach = await report("Security Breach", 4, "12", "breach");
  assert.equal(await queue(), ["error", "breach"]);
  const raised = await call("PUT", `/incidents/${breach.number}`, '{"severity": 4, "severity": 1}');
  assert.equal([raised.severity, raised.queue_position], [1, 1]);
  assert.equal(await queue(), ["breach", "error"]);
});
