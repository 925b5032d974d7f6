import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, codeOf, faultsOf, rowsOf } from "./support/client.ts";
import { adminKey, openNode, otherKey, type TestNode } from "./support/node.ts";

const it = suite("the conventions of the HTTP API");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const head = async (): Promise<number> => (await node.services.ledger.head()).position;

it("ask for a key, and take the administrator's and those of the vault", async () => {
  for (const authorization of [null, "", "Basic YTpi", "Bearer", "Bearer wrong", `Bearer ${adminKey} x`, adminKey]) {
    const answer = await call("GET", "/queue", { headers: { authorization } });
    assert.is(answer.status, 401, String(authorization));
    assert.match(String(answer.headers["www-authenticate"]), /^Bearer/);
    assert.is(codeOf(answer), "unauthorized");
  }
  assert.is((await call("GET", "/queue", { headers: { authorization: `bearer  ${adminKey}` } })).status, 200);
  const headers = { authorization: `Bearer ${otherKey}` };
  await call("POST", "/incidents", { body: { title: "x" }, headers });
  assert.is(rowsOf(await call("GET", "/incidents/1/timeline", { headers }), "events")[0]?.actor, "key:7");
});

it("look at the permission before the body", async () => {
  const answer = await call("POST", "/incidents", { raw: "{", headers: { authorization: "Bearer wrong" } });
  assert.is(answer.status, 401);
});

it("take everybody for the administrator where AUTH is off", async () => {
  const open = await openNode({ instead: () => ({ config: { auth: "off", host: "127.0.0.1" } }) });
  const answer = await callerOf(open.app)("POST", "/incidents", {
    body: { title: "x" },
    headers: { authorization: null },
  });
  assert.is(answer.status, 201);
  await open.close();
});

it("give every answer a request id and a position, errors too", async () => {
  const urls = ["/incidents/1", "/nope", "/incidents/%zz", "/health", "/queue?limit=0", "/queue", "/openapi.json"];
  for (const url of urls) {
    const answer = await call("GET", url);
    assert.is(answer.headers["ledger-position"], "5", url);
    assert.ok(answer.headers["x-request-id"], url);
    if (answer.status >= 400) assert.is(answer.json.instance, answer.headers["x-request-id"], url);
  }
  const named = await call("GET", "/nope", { headers: { "x-request-id": "mine-1" } });
  assert.is(named.json.instance, "mine-1");
});

it("make no difference for a trailing slash", async () => {
  await call("POST", "/incidents/", { body: { title: "x" } });
  for (const url of ["/incidents/1/", "/incidents/", "/queue/", "/incidents/1/timeline/", "/health/"]) {
    assert.is((await call("GET", url)).status, 200, url);
  }
  assert.is((await call("POST", "/incidents/1/resolve/")).status, 200);
});

it("tell a wrong method from a wrong path", async () => {
  const wrong: readonly (readonly ["GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS", string, string])[] = [
    ["PUT", "/queue", "GET, HEAD"],
    ["POST", "/queue/", "GET, HEAD"],
    ["GET", "/incidents/1/resolve", "POST"],
    ["DELETE", "/incidents", "GET, HEAD, POST"],
    ["OPTIONS", "/incidents/1", "DELETE, GET, HEAD, PATCH, PUT"],
    ["DELETE", "/teams/default?x=1", "GET, HEAD, PATCH"],
  ];
  for (const [method, url, allow] of wrong) {
    const answer = await call(method, url);
    assert.equal([answer.status, answer.headers.allow, codeOf(answer)], [405, allow, "method-not-allowed"], url);
  }
  for (const url of [
    "/nope",
    "/incidents/1/nope",
    "/incidents/1/resolve/x",
    "/Queue",
    `/incidents/${"9".repeat(400)}`,
  ]) {
    assert.equal(
      [(await call("POST", url, { raw: "{" })).status, codeOf(await call("GET", url))],
      [404, "route-not-found"],
      url,
    );
  }
});

it("find no incident under an id that makes no sense", async () => {
  for (const id of [
    "0",
    "-1",
    "1.0",
    "01",
    "1e3",
    "x",
    "0198c0de",
    "9007199254740993",
    "99999999999999999999",
    "%00",
    "1%2F2",
  ]) {
    for (const method of ["GET", "DELETE"] as const) {
      assert.is(codeOf(await call(method, `/incidents/${id}`)), "incident-not-found", id);
    }
    assert.is((await call("POST", `/incidents/${id}/resolve`)).status, 404, id);
  }
});

it("refuse a URL with broken escapes", async () => {
  for (const url of ["/incidents/%zz", "/incidents/%ff", "/queue?team=%zz", "/queue?team=%ff", "/?x=%"]) {
    assert.equal([(await call("GET", url)).status, codeOf(await call("GET", url))], [400, "malformed-url"], url);
  }
});

it("honour If-Match and If-None-Match", async () => {
  await call("POST", "/incidents", { body: { title: "x" } });
  const stale = await call("POST", "/incidents/1/acknowledge", { headers: { "if-match": '"1"' } });
  assert.equal([stale.status, codeOf(stale)], [412, "version-mismatch"]);
  assert.is(
    (await call("PATCH", "/incidents/1", { body: { severity: 1 }, headers: { "if-match": 'W/"2"' } })).status,
    412,
  );
  const done = await call("POST", "/incidents/1/acknowledge", { headers: { "if-match": '"1", "2"' } });
  assert.equal([done.status, done.headers.etag], [200, '"3"']);
  assert.is((await call("POST", "/incidents/1/resolve", { headers: { "if-match": "*" } })).status, 200);
  const same = await call("GET", "/incidents/1", { headers: { "if-none-match": '"4"' } });
  assert.equal([same.status, same.text, same.headers.etag], [304, "", '"4"']);
  assert.is((await call("GET", "/incidents/1", { headers: { "if-none-match": '"3"' } })).status, 200);
  assert.is((await call("GET", "/handlers/Alice", { headers: { "if-none-match": '"1"' } })).status, 304);
  assert.is(
    (await call("PATCH", "/handlers/Alice", { body: { capacity: 2 }, headers: { "if-match": '"9"' } })).status,
    412,
  );
  assert.is((await call("GET", "/teams/default", { headers: { "if-none-match": "*" } })).status, 304);
  assert.is(
    (await call("PATCH", "/teams/default", { body: { rules: {} }, headers: { "if-match": '"9"' } })).status,
    412,
  );
  const broken = await call("POST", "/incidents/1/reopen", { headers: { "if-match": "four" } });
  assert.equal([broken.status, faultsOf(broken)], [400, ["If-Match"]]);
  const torn = await call("GET", "/incidents/1", { headers: { "if-none-match": "," } });
  assert.equal([torn.status, faultsOf(torn), torn.headers.etag], [400, ["If-None-Match"], undefined]);
});

it("give the same answer to the same request with the same idempotency key, and write once", async () => {
  const headers = { "idempotency-key": '"a-key"' };
  const request = { body: { title: "x" }, headers };
  const first = await call("POST", "/incidents", request);
  await call("POST", "/incidents/1/resolve");
  const before = await head();
  const again = await call("POST", "/incidents", { ...request, headers: { "idempotency-key": "a-key" } });
  assert.equal([again.status, again.json, again.headers.etag], [201, first.json, first.headers.etag]);
  assert.is(again.headers["idempotency-replayed"], "true");
  assert.is(again.headers["ledger-position"], first.headers["ledger-position"]);
  assert.is(first.headers["idempotency-replayed"], undefined);
  assert.is(await head(), before);
});

it("refuse another request with the same idempotency key", async () => {
  const headers = { "idempotency-key": "a-key" };
  await call("POST", "/incidents", { body: { title: "x" }, headers });
  for (const [url, body] of [
    ["/incidents", { title: "y" }],
    ["/incidents/1/comments", { text: "x" }],
  ] as const) {
    const answer = await call("POST", url, { body, headers });
    assert.equal([answer.status, codeOf(answer)], [422, "idempotency-key-reused"], url);
  }
  const other = await call("POST", "/incidents", {
    body: { title: "y" },
    headers: { ...headers, authorization: `Bearer ${otherKey}` },
  });
  assert.is(other.status, 201, "a key belongs to its credential");
});

it("replay comments, handlers, teams and deletions too", async () => {
  await call("POST", "/incidents", { body: { title: "x" } });
  const writes = [
    ["POST", "/incidents/1/comments", { text: "hello" }],
    ["POST", "/handlers", { handler_id: "Dora" }],
    ["POST", "/teams", { name: "network" }],
    ["PATCH", "/handlers/Dora", { capacity: 2 }],
    ["DELETE", "/incidents/1", {}],
  ] as const;
  for (const [index, [method, url, body]] of writes.entries()) {
    const headers = { "idempotency-key": `key ${index}` };
    const first = await call(method, url, { body, headers });
    const before = await head();
    const again = await call(method, url, { body, headers });
    assert.equal(
      [again.status, again.json, again.headers["idempotency-replayed"]],
      [first.status, first.json, "true"],
      url,
    );
    assert.is(await head(), before);
  }
});

it("do not remember refusals", async () => {
  await call("POST", "/incidents", { body: { title: "x", status: "resolved" } });
  const headers = { "idempotency-key": "later" };
  assert.is((await call("POST", "/incidents/1/acknowledge", { headers })).status, 409);
  await call("POST", "/incidents/1/reopen");
  const answer = await call("POST", "/incidents/1/acknowledge", { headers });
  assert.equal([answer.status, answer.headers["idempotency-replayed"]], [200, undefined]);
});

it("replay a bulk request item by item, and refuse its key for another", async () => {
  for (const title of ["a", "b"]) await call("POST", "/incidents", { body: { title } });
  const headers = { "idempotency-key": "bulk" };
  const body = { action: "acknowledge", ids: [1, 2] };
  const first = await call("POST", "/incidents/bulk", { body, headers });
  await call("POST", "/incidents/bulk", { body: { action: "resolve", ids: [1, 2] } });
  const before = await head();
  const again = await call("POST", "/incidents/bulk", { body, headers });
  assert.equal([again.json, again.headers["idempotency-replayed"]], [first.json, "true"]);
  const other = await call("POST", "/incidents/bulk", { body: { action: "close", ids: [2] }, headers });
  assert.equal([other.status, codeOf(other)], [422, "idempotency-key-reused"]);
  assert.is(await head(), before);
});

it("refuse headers that cannot be read", async () => {
  const headers: readonly (readonly [string, string])[] = [
    ["idempotency-key", '"open'],
    ["idempotency-key", "k".repeat(256)],
    ["ledger-min-position", "soon"],
    ["ledger-min-position", "-1"],
  ];
  for (const [name, value] of headers) {
    const answer = await call("POST", "/incidents", { body: { title: "x" }, headers: { [name]: value } });
    assert.equal([answer.status, codeOf(answer), faultsOf(answer).length], [400, "malformed-header", 1], value);
  }
  assert.is(await head(), 5);
});

it("wait for a position that is on its way, and give up in the end", async () => {
  const patient = call("GET", "/queue", { headers: { "ledger-min-position": "6" } });
  await call("POST", "/incidents", { body: { title: "x" } });
  assert.is((await patient).status, 200);
  assert.ok(Number((await patient).headers["ledger-position"]) >= 6);
  const hasty = await openNode({
    instead: ({ runtime }) => ({ runtime: { ...runtime, after: (_, callback) => runtime.after(1, callback) } }),
  });
  const answer = await callerOf(hasty.app)("GET", "/queue", { headers: { "ledger-min-position": "999" } });
  assert.equal([answer.status, codeOf(answer), answer.headers["retry-after"]], [503, "position-not-reached", "1"]);
  await hasty.close();
});

it("take an action without a body, whatever the content type says", async () => {
  await call("POST", "/incidents", { body: { title: "x" } });
  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
    assert.is(
      (await call("POST", "/incidents/1/acknowledge", { raw: "", headers: { "content-type": type } })).status,
      200,
    );
  }
  assert.is((await call("POST", "/incidents/1/acknowledge", { body: {} })).status, 200);
});

it("hide what went wrong inside, and log it with the request id", async () => {
  const lines: unknown[] = [];
  const broken = await openNode({
    instead: ({ ledger }) => ({
      ledger: Object.create(ledger, { head: { value: () => Promise.reject(new Error("SQLITE_SECRET at line 7")) } }),
    }),
    logged: lines,
  });
  const answer = await callerOf(broken.app)("GET", "/ledger/head");
  assert.equal([answer.status, codeOf(answer)], [500, "internal-error"]);
  assert.not.match(answer.text, /SECRET|node:|\.ts/);
  assert.match(JSON.stringify(lines), String(answer.json.instance));
  await broken.close();
});
