import * as assert from "uvu/assert";
import { limits } from "../../src/config.ts";
import type { Services } from "../../src/http/services.ts";
import { suite } from "../support/suite.ts";
import { accessAnswers, askWithoutRight } from "./support/access-answers.ts";
import { authAnswers, busyAnswers } from "./support/auth-answers.ts";
import { type Call, callerOf, type Request, type Seen } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { adminKey, openNode, type TestNode } from "./support/node.ts";

import { type Operation, operationFor, readOpenApi } from "./support/openapi.ts";

const it = suite("the documented statuses");

it("are exactly those that can be answered", async () => {
  const seen: Seen[] = [];
  const node = await openNode({ instead: impatient });
  const call = callerOf(node.app, seen);
  const { operations } = await readOpenApi(call);

  await goodAnswers(call);
  seen.push(await openedStream(node));
  await conflicts(call);
  await accessAnswers(call);
  await authAnswers(call);
  for (const operation of operations) {
    await askWithoutRight(call, operation, bodyFor(operation), urlOf(operation));
    await badRequests(call, operation);
  }
  await node.close();

  const broken = await openNode({ instead: withoutDesk, isWatched: false });
  for (const operation of operations)
    await callerOf(broken.app, seen)(operation.method, urlOf(operation), bodyFor(operation));
  await broken.close();
  const held = await openNode({ instead: () => ({ whenErased: async () => false }) });
  await callerOf(held.app)("POST", "/incidents", { body: { title: "x" } });
  await callerOf(held.app, seen)("POST", "/incidents/1/redact", { body: { all: true } });
  await callerOf(held.app)("POST", "/users", { body: { email: "ana@example.com", role: "viewer" } });
  await callerOf(held.app, seen)("DELETE", "/users/1?erase=true");
  await held.close();
  await busyAnswers(seen);
  await turnedAway(operations, seen);
  const closing = await openNode();
  await closing.desk.close();
  for (const url of ["/health", "/readyz"]) await callerOf(closing.app, seen)("GET", url);
  await closing.close();

  const answered = new Set<string>();
  for (const { method, url, status } of seen) {
    const operation = operationFor(operations, method, url);
    if (operation !== undefined) answered.add(`${operation.method} ${operation.path} ${status}`);
  }
  const documented = operations.flatMap(({ method, path, statuses }) =>
    statuses.map((status) => `${method} ${path} ${status}`),
  );
  assert.equal(
    [...answered].filter((one) => !documented.includes(one)),
    [],
    "answered, but not documented",
  );
  assert.equal(
    documented.filter((one) => !answered.has(one)),
    [],
    "documented, but never answered",
  );
});

/** Nothing is waited for longer than an instant. */
function impatient({ runtime }: Services): Partial<Services> {
  return { runtime: { ...runtime, after: (_, callback) => runtime.after(1, callback) } };
}

/** Whoever asks the desk for anything gets an exception that nobody expects. */
function withoutDesk(): Partial<Services> {
  const desk = new Proxy({} as Services["desk"], {
    get: () => {
      throw new Error("there is no desk");
    },
  });
  return { desk };
}

/** What comes too often, and what another site's page would read and write where no credential is needed. */
async function turnedAway(operations: readonly Operation[], seen: Seen[]): Promise<void> {
  const limited = await openNode({ config: { rate_limit: 1, rate_limit_unauthenticated: 1 } });
  await callerOf(limited.app)("GET", "/queue");
  for (const operation of operations) {
    const times = operation.isPublic ? limits.public_page_factor + 1 : 1;
    for (let count = 0; count < times; count += 1) {
      await callerOf(limited.app, seen)(operation.method, urlOf(operation), bodyFor(operation));
    }
  }
  await limited.close();
  const open = await openNode({ config: { auth: "off" } });
  for (const operation of operations.filter(({ method }) => method !== "GET")) {
    const headers = { origin: "https://elsewhere.example" };
    await callerOf(open.app, seen)(operation.method, urlOf(operation), { ...bodyFor(operation), headers });
  }
  for (const operation of operations) {
    const headers = { host: "elsewhere.example" };
    await callerOf(open.app, seen)(operation.method, urlOf(operation), { ...bodyFor(operation), headers });
  }
  await open.close();
}

function urlOf({ path }: Operation, id = "1"): string {
  const named = path.startsWith("/handlers") ? "Alice" : path.startsWith("/teams") ? "default" : id;
  return path
    .replace(/\{(id|user_id|key_id)\}/, named)
    .replace("{name}", named)
    .replace("{code}", "not-higher");
}

function bodyFor({ hasBody, json }: Operation): Request {
  if (!hasBody) return {};
  const content = (json.requestBody as { content: Record<string, { example?: unknown }> }).content;
  return { body: content["application/json"]?.example };
}

/** What a stream is answered with when it begins: it has no end to wait for. */
async function openedStream({ app }: TestNode): Promise<Seen> {
  const asked = { method: "GET", url: "/events/stream" } as const;
  const headers = { authorization: `Bearer ${adminKey}` };
  const { statusCode } = await app.inject({ ...asked, headers, payloadAsStream: true });
  return { ...asked, status: statusCode };
}

/** What every operation of its kind refuses. */
async function badRequests(call: Call, operation: Operation): Promise<void> {
  const { method, hasBody, hasQuery, isPublic, isConditional, path } = operation;
  const url = urlOf(operation);
  const good = bodyFor(operation);
  await call(method, `${url}?x=%zz`, good);
  if (hasQuery) await call(method, `${url}?limit=0&after=-1`);
  // A stream that knows no `as_of` would go on for ever.
  if (hasQuery && path !== "/events/stream") await call(method, `${url}?as_of=x`);
  if (path.includes("{")) await call(method, path.replace(/\{[^}]+\}/, "99"), good);
  if (path === "/statistics") await call("GET", `${path}?by=nothing`);
  const hasTeam = ["/queue", "/handlers", "/statistics", "/events", "/events/stream"].includes(path);
  if (hasTeam) await call("GET", `${path}?team=nope`);
  if (!isPublic) {
    await call(method, url, { ...good, headers: { authorization: null } });
    await call(method, url, { ...good, headers: { "ledger-min-position": "99999" } });
    await call(method, url, { ...good, headers: { "ledger-min-position": "x" } });
  }
  if (isConditional) await call(method, url, { ...good, headers: { "if-match": '"99"' } });
  if (method === "GET") return;
  if (hasBody) await call(method, url, { body: { unheard_of: 1 } });
  await call(method, url, { raw: "{" });
  await call(method, url, { raw: "x".repeat(1_048_577) });
  await call(method, url, { raw: "x", headers: { "content-type": "text/plain" } });
}

async function answers(
  call: Call,
  status: number,
  method: Operation["method"],
  url: string,
  body?: Json,
  headers = {},
) {
  const answer = await call(method, url, body === undefined ? { headers } : { body, headers });
  assert.is(answer.status, status, `${method} ${url}: ${answer.text}`);
}

/** Every operation once, as it is meant. */
async function goodAnswers(call: Call): Promise<void> {
  const title = "a fault";
  await answers(call, 201, "POST", "/incidents", { title, dedup_key: "one" });
  await answers(call, 200, "POST", "/incidents", { title, dedup_key: "one" });
  for (let number = 2; number <= 4; number += 1) await answers(call, 201, "POST", "/incidents", { title });
  await answers(call, 200, "POST", "/incidents/bulk", { action: "acknowledge", ids: [1, 2] });
  await answers(call, 200, "PATCH", "/incidents/1", { severity: 4 });
  await answers(call, 200, "PUT", "/incidents/1", { title: "a worse fault" });
  await answers(call, 201, "POST", "/incidents/1/comments", { text: "hello" });
  await answers(call, 200, "POST", "/incidents/1/assign", { handler: "Charlie" });
  await answers(call, 200, "POST", "/incidents/1/snooze", { minutes: 5 });
  for (const action of ["wake", "escalate", "acknowledge", "unassign", "resolve", "close", "reopen", "dismiss"]) {
    await answers(call, 200, "POST", `/incidents/1/${action}`);
  }
  await answers(call, 200, "POST", "/incidents/2/merge", { into: 3 });
  await answers(call, 200, "DELETE", "/incidents/4");
  await answers(call, 200, "POST", "/incidents/4/redact", { all: true });
  await answers(call, 201, "POST", "/handlers", { handler_id: "Dora" });
  await answers(call, 200, "PATCH", "/handlers/Dora", { capacity: 2 });
  await answers(call, 200, "DELETE", "/handlers/Dora");
  await answers(call, 201, "POST", "/teams", { name: "network" });
  await answers(call, 200, "PATCH", "/teams/network", { rules: { auto_close_days: 1 } });
  const urls = [
    "/incidents",
    "/incidents/1",
    "/incidents/1/timeline",
    "/incidents/1/why",
    "/queue",
    "/statistics",
    "/handlers",
    "/handlers/Alice",
    "/teams",
  ];
  const others = [
    "/teams/default",
    "/events",
    "/ledger/head",
    "/health",
    "/readyz",
    "/livez",
    "/metrics",
    "/problems",
    "/problems/not-higher",
    "/",
  ];
  for (const url of [...urls, ...others]) await answers(call, 200, "GET", url);
  for (const url of ["/incidents/1", "/handlers/Alice", "/teams/default"]) {
    await answers(call, 304, "GET", url, undefined, { "if-none-match": "*" });
  }
}

/** What the rules refuse as things stand: incident 1 is dismissed, 2 merged. */
async function conflicts(call: Call): Promise<void> {
  await answers(call, 409, "GET", "/events/stream?after=99999");
  await answers(call, 200, "PATCH", "/handlers/Bob", { available: false });
  await answers(call, 409, "POST", "/incidents", { title: "x", assigned_to: "Bob" });
  for (const action of ["acknowledge", "resolve", "close", "escalate", "unassign", "wake"]) {
    await answers(call, 409, "POST", `/incidents/1/${action}`);
  }
  await answers(call, 409, "POST", "/incidents/2/reopen");
  await answers(call, 409, "POST", "/incidents/2/dismiss");
  await answers(call, 409, "POST", "/incidents/1/assign", { handler: "Alice" });
  await answers(call, 409, "POST", "/incidents/1/snooze", { minutes: 5 });
  await answers(call, 409, "POST", "/incidents/1/merge", { into: 3 });
  await answers(call, 409, "PATCH", "/incidents/1", { severity: 1 });
  await answers(call, 409, "PUT", "/incidents/1", { severity: 1 });
  await answers(call, 409, "POST", "/handlers", { handler_id: "alice" });
  await answers(call, 409, "PATCH", "/handlers/Dora", { capacity: 1 });
  await answers(call, 409, "POST", "/teams", { name: "NETWORK" });
}
