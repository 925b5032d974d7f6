import * as assert from "uvu/assert";
import { isKey } from "../../../../src/access/api-key.ts";
import { suite } from "../../../support/suite.ts";
import { type Call, callerOf } from "../../support/client.ts";
import type { Json } from "../../support/json.ts";
import { openNode, type TestNode } from "../../support/node.ts";

const it = suite("/keys");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const make = (body: Json, headers = {}) =>
  call("POST", "/keys", { body: { name: "ci", role: "viewer", ...body }, headers });
const asks = async (key: unknown, url = "/queue") =>
  (await call("GET", url, { headers: { authorization: `Bearer ${key}` } })).status;

it("makes a key that is shown once, and good for what its role allows", async () => {
  const { status, json } = await make({ role: "Responder", teams: ["default"] });
  assert.is(status, 201);
  const { key, ...shown } = json;
  assert.ok(isKey(String(key)));
  assert.equal((await call("GET", `/keys/${json.key_id}`)).json, shown);
  assert.not((await call("GET", "/keys")).text.includes(String(key)));
  assert.is(await asks(key), 200);
  assert.is(await asks(key, "/users"), 403);
});

it("refuses what makes no sense, and keeps nothing of it", async () => {
  for (const [body, status] of [
    [{ role: "owner" }, 422],
    [{ role: "integration" }, 422],
    [{ role: "integration", teams: ["default", "network"] }, 422],
    [{ teams: ["nowhere"] }, 422],
    [{ expires_at: "2001-01-01T00:00:00Z" }, 422],
    [{ name: "" }, 422],
    [{ name: "two\nlines" }, 422],
    [{ dialect: "klingon" }, 422],
    [{ secret: "x" }, 422],
  ] as const) {
    assert.is((await make(body)).status, status, JSON.stringify(body));
  }
  assert.equal(await node.vault.keys.list(), []);
});

it("ends a key by itself at its time, and at once where it is revoked", async () => {
  const soon = await make({ expires_at: new Date(Date.now() + 400).toISOString() });
  assert.is(await asks(soon.json.key), 200);
  await new Promise((resolve) => setTimeout(resolve, 450));
  assert.is(await asks(soon.json.key), 401);
  const { json } = await make({});
  const revoked = await call("DELETE", `/keys/${json.key_id}`);
  assert.is(typeof revoked.json.revoked_at, "string");
  assert.is(await asks(json.key), 401);
  assert.equal((await call("DELETE", `/keys/${json.key_id}`)).json, revoked.json);
  assert.is((await call("DELETE", "/keys/99")).status, 404);
  assert.is((await call("POST", `/keys/${json.key_id}/rotate`)).status, 409);
});

it("keeps two secrets alive while programs change over", async () => {
  const { json } = await make({});
  const own = `/keys/${json.key_id}`;
  const second = (await call("POST", `${own}/rotate`)).json;
  assert.is(second.rotating, true);
  assert.equal([await asks(json.key), await asks(second.key)], [200, 200]);
  const both = await Promise.all([call("POST", `${own}/rotate`), call("POST", `${own}/rotate`)]);
  assert.equal(
    both.map(({ status }) => status),
    [409, 409],
    "there are never more than two",
  );
  assert.equal([await asks(json.key), await asks(second.key)], [200, 200]);
  assert.is((await call("DELETE", `${own}/previous`)).json.rotating, false);
  assert.equal([await asks(json.key), await asks(second.key)], [401, 200]);
  assert.is((await call("POST", `${own}/rotate`)).status, 200);
  await call("DELETE", own);
  assert.is(await asks(second.key), 401);
  const { events } = (await call("GET", "/events?limit=1000")).json as { events: { type: string }[] };
  assert.equal(
    events.map(({ type }) => type).filter((type) => type.startsWith("key.")),
    ["key.created", "key.rotated", "key.rotation-ended", "key.rotated", "key.revoked"],
  );
});

it("shows the secret to nobody twice, not even to who repeats the request", async () => {
  const headers = { "idempotency-key": "one" };
  const first = await make({}, headers);
  const second = await make({}, headers);
  assert.equal([second.status, second.json.key_id, second.json.key], [201, first.json.key_id, null]);
  assert.is((await node.vault.keys.list()).length, 1);
  const rotate = await call("POST", `/keys/${first.json.key_id}/rotate`, { headers: { "idempotency-key": "two" } });
  const again = await call("POST", `/keys/${first.json.key_id}/rotate`, { headers: { "idempotency-key": "two" } });
  assert.equal([isKey(String(rotate.json.key)), again.json.key], [true, null]);
  assert.is(await asks(rotate.json.key), 200);
});

it("lets a dialect's key open that dialect and nothing of ours", async () => {
  const { json } = await make({ role: "admin", dialect: "UCAR" });
  assert.is(json.dialect, "ucar");
  assert.is(await asks(json.key), 401);
});

it("shows keys that are on record alone, as after an import, and lets them be revoked", async () => {
  const made = { kind: "create-key", key: 30, role: "admin", teams: null, dialect: null, expires_at: null } as const;
  await node.desk.submit({ command: made, actor: "admin" });
  assert.is((await call("GET", "/keys/30")).json.name, "key 30");
  assert.is((await call("POST", "/keys/30/rotate")).status, 404);
  assert.is(typeof (await call("DELETE", "/keys/30")).json.revoked_at, "string");
  assert.is((await make({})).json.key_id, 31);
});

it("lets an integration learn nothing of what it repeats, and give it to nobody", async () => {
  const { json } = await make({ role: "integration", teams: ["default"] });
  const headers = { authorization: `Bearer ${json.key}` };
  const labels = { service: "secret" };
  const secret = { title: "secret title", description: "secret words", dedup_key: "guess", labels };
  await call("POST", "/incidents", { body: { ...secret, reported_by: "secret@example.com" } });
  const repeat = await call("POST", "/incidents", { body: { title: "x", dedup_key: "guess" }, headers });
  assert.equal([repeat.status, repeat.json.number, repeat.json.repeats], [200, 1, 1]);
  assert.not(repeat.text.includes("secret"));
  const given = await call("POST", "/incidents", { body: { title: "x", assigned_to: "Alice" }, headers });
  assert.is(given.status, 403);
});
