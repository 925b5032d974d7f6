import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, codeOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("the key of a bulk request");

let node: TestNode;
let call: Call;

const headers = { "idempotency-key": "m" };
const bulk = { body: { action: "resolve", ids: [1, 2] }, headers };

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
  for (const title of ["a", "b", "c"]) await call("POST", "/incidents", { body: { title } });
});
it.after.each(() => node.close());

it("leaves callers the keys that look like those of its items", async () => {
  for (const index of [0, 1]) {
    const own = await call("POST", "/incidents", {
      body: { title: "x" },
      headers: { "idempotency-key": `m #${index}` },
    });
    assert.is(own.status, 201);
  }
  const answer = await call("POST", "/incidents/bulk", bulk);
  assert.equal(
    rowsOf(answer, "results").map(({ status }) => status),
    [200, 200],
  );
  const again = await call("POST", "/incidents/bulk", bulk);
  assert.equal([again.json, again.headers["idempotency-replayed"]], [answer.json, "true"]);
  const own = await call("POST", "/incidents", { body: { title: "x" }, headers: { "idempotency-key": "m #1" } });
  assert.equal([own.status, own.headers["idempotency-replayed"]], [201, "true"]);
});

it("is noticed when a single request comes with it", async () => {
  await call("POST", "/incidents/bulk", bulk);
  const single = await call("POST", "/incidents", { body: { title: "x" }, headers });
  assert.equal([single.status, codeOf(single)], [422, "idempotency-key-reused"]);
});

it("is noticed when a single request came with it before", async () => {
  await call("POST", "/incidents", { body: { title: "x" }, headers });
  const answer = await call("POST", "/incidents/bulk", bulk);
  assert.equal([answer.status, codeOf(answer)], [422, "idempotency-key-reused"]);
  assert.is((await call("GET", "/incidents/1")).json.status, "assigned");
});

it("is noticed in another bulk request, where only later items of the first one were written", async () => {
  await call("POST", "/incidents/bulk", { body: { action: "resolve", ids: [99, 1] }, headers });
  const other = await call("POST", "/incidents/bulk", { body: { action: "resolve", ids: [2, 3] }, headers });
  assert.equal([other.status, codeOf(other)], [422, "idempotency-key-reused"]);
});

it("decides what was not written before when it is repeated, and gives the rest again", async () => {
  const request = { body: { action: "acknowledge", ids: [2, 1] }, headers };
  await call("POST", "/incidents/2/resolve");
  const first = await call("POST", "/incidents/bulk", request);
  assert.equal(statuses(first.json), [409, 200]);
  await call("POST", "/incidents/2/reopen");
  const again = await call("POST", "/incidents/bulk", request);
  assert.equal(statuses(again.json), [200, 200]);
  assert.is(again.headers["idempotency-replayed"], undefined);
});

function statuses({ results }: Json): unknown[] {
  return (results as Json[]).map(({ status }) => status);
}
