import { mock } from "node:test";
import * as assert from "uvu/assert";
import { suite } from "../../../support/suite.ts";
import { type Answer, type Call, callerOf, rowsOf } from "../../support/client.ts";
import type { Json } from "../../support/json.ts";
import { openNode, type TestNode } from "../../support/node.ts";

const it = suite("/users");

let node: TestNode;
let call: Call;
const password = "a long enough one";

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const add = (body: Json, headers = {}): Promise<Answer> =>
  call("POST", "/users", { body: { email: "ana@example.com", role: "responder", ...body }, headers });
const tokenOf = ({ json }: Answer) => String(json.invitation_link).split("#")[1];

it("invites somebody without a password, by a link that works once", async () => {
  const made = await add({ full_name: "Ana Ng", phone: "+49 30 901820", teams: ["DEFAULT"], handler: "alice" });
  assert.is(made.status, 201);
  const { invitation_link, invitation_expires_at: _, created_at: __, ...user } = made.json;
  assert.equal(user, {
    user_id: 1,
    name: "Ana Ng",
    email: "ana@example.com",
    full_name: "Ana Ng",
    phone: "+49 30 901820",
    role: "responder",
    teams: ["default"],
    handler: "Alice",
    active: true,
    erased: false,
    has_password: false,
    version: 1,
  });
  assert.is(made.headers.etag, undefined);
  assert.is(made.headers.location, "/users/1");
  assert.match(String(invitation_link), /^http:\/\/127\.0\.0\.1:8000\/auth\/link#il_link_[\w-]{43,}$/);
  assert.match(node.mails.sent[0]?.text ?? "", String(invitation_link));
  const accept = { body: { token: tokenOf(made), password } };
  assert.is((await call("POST", "/auth/accept", accept)).status, 200);
  assert.is((await call("POST", "/auth/accept", accept)).json.type, "/problems/link-over");
  const login = await call("POST", "/auth/login", { body: { email: "Ana@Example.com", password } });
  assert.is(login.status, 200);
  assert.is((await call("GET", "/users/1")).json.has_password, true);
});

it("takes a password at once, and then invites nobody", async () => {
  const made = await add({ password });
  assert.equal([made.json.invitation_link, made.json.has_password], [null, true]);
  assert.is((await call("POST", "/auth/login", { body: { email: "ana@example.com", password } })).status, 200);
  for (const [unfit, fault] of [
    ["short", "at least 8"],
    ["password1", "tried first"],
    ["x".repeat(129), "at most 128"],
  ] as const) {
    const refused = await add({ email: "bo@example.com", password: unfit });
    assert.is(refused.status, 422, refused.text);
    assert.equal((refused.json.errors as Json[])[0]?.pointer, "#/password");
    assert.match(refused.text, fault);
  }
  assert.is((await call("GET", "/users?count=true")).json.total, 1);
});

it("leaves nothing of a user whom the ledger refuses", async () => {
  for (const [body, code] of [
    [{ teams: ["nowhere"] }, "unknown-team"],
    [{ handler: "Nobody" }, "unknown-handler"],
  ] as const) {
    assert.is((await add(body)).json.type, `/problems/${code}`);
  }
  assert.equal(await node.vault.accounts.list(), []);
  assert.is((await add({})).status, 201);
  const again = await add({ email: "ANA@EXAMPLE.COM" });
  assert.equal([again.status, again.json.type], [409, "/problems/user-exists"]);
  assert.is((await node.vault.accounts.list()).length, 1);
});

it("answers a repeated request once, and shows the link to nobody again", async () => {
  const headers = { "idempotency-key": "one" };
  const first = await add({}, headers);
  const second = await add({}, headers);
  assert.equal([second.status, second.json.user_id, second.json.invitation_link], [201, first.json.user_id, null]);
  assert.is(second.headers["idempotency-replayed"], "true");
  // The link of the first answer still works: the repetition has made no other.
  assert.is((await call("POST", "/auth/accept", { body: { token: tokenOf(first), password } })).status, 200);
  assert.is((await add({ role: "admin" }, headers)).status, 422);
});

it("gives nobody what a crash has left of one who never came on record: neither password nor session", async () => {
  const at = new Date(Date.parse(node.desk.now()) - 61_000).toISOString();
  const orphan = Number(await node.vault.accounts.create({ email: "ana@example.com", full_name: "Half", at }));
  const { refresh_token } = await node.vault.sessions.begin(orphan, { address: "192.0.2.1", user_agent: null });
  const made = await add({ full_name: "Ana Ng" });
  assert.equal([made.status, made.json.user_id, made.json.has_password], [201, orphan + 1, false]);
  assert.is((await call("POST", "/auth/refresh", { body: { refresh_token } })).status, 401);
  await node.vault.accounts.create({ email: "bo@example.com", at: node.desk.now() });
  const early = await add({ email: "bo@example.com" });
  assert.equal([early.status, early.json.type], [409, "/problems/user-exists"], "another process may be at it");
});

it("lets one of several who come with the same address in, and the others out, whatever else is wrong with them", async () => {
  for (let round = 1; round <= 8; round += 1) {
    const email = `ana${round}@example.com`;
    const answers = await Promise.all([
      add({ email, teams: ["nowhere"] }),
      add({ email, role: "admin" }),
      add({ email, handler: "Nobody" }),
      add({ email }),
    ]);
    const made = answers.filter(({ status }) => status === 201);
    assert.is(made.length, 1);
    const { json } = await call("GET", `/users/${made[0]?.json.user_id}`);
    assert.equal([json.email, json.name], [email, email]);
  }
});

it("refuses an address that is one in no form", async () => {
  const long = `${"İ".repeat(40)}@example.com`;
  for (const email of [
    "nobody",
    "a@b@c",
    "a b@example.com",
    `${"x".repeat(250)}@example.com`,
    "a\n@example.com",
    long,
  ]) {
    assert.is((await add({ email })).status, 422, email);
  }
  await add({});
  const refused = await call("PATCH", "/users/1", { body: { role: "admin", email: long } });
  assert.is(refused.status, 422, refused.text);
  assert.is((await call("GET", "/users/1")).json.role, "responder");
});

it("changes nothing when a change is repeated, and takes a key for one change alone", async () => {
  await add({});
  const headers = { "idempotency-key": "a change" };
  const change = (body: Json, more = {}) => call("PATCH", "/users/1", { body, headers: more });
  await change({ full_name: "A", role: "manager" }, headers);
  await change({ full_name: "B", role: "viewer" });
  const again = await change({ full_name: "A", role: "manager" }, headers);
  assert.equal([again.json.full_name, again.json.role], ["B", "viewer"]);
  assert.is((await change({ full_name: "C" }, headers)).status, 422);
  assert.is((await call("DELETE", "/users/1?erase=true", { headers })).status, 422);
  await call("DELETE", "/users/1", { headers: { "idempotency-key": "an end" } });
  const erased = await call("DELETE", "/users/1?erase=true", { headers: { "idempotency-key": "an end" } });
  assert.is(erased.status, 422, "another query is another request");
  assert.is((await call("GET", "/users/1")).json.email, "ana@example.com");
});

it("holds a change to the version that its caller has seen", async () => {
  await add({});
  const seen = String((await call("GET", "/users/1")).headers.etag);
  assert.is((await call("PATCH", "/users/1", { body: { phone: "1" }, headers: { "if-match": seen } })).status, 200);
  assert.is((await call("PATCH", "/users/1", { body: { phone: "2" }, headers: { "if-match": seen } })).status, 412);
  assert.is((await call("DELETE", "/users/1", { headers: { "if-match": seen } })).status, 412);
});

it("invites once more as the desk allows, and shows the new link once", async () => {
  const first = await add({});
  const headers = { "idempotency-key": "once more" };
  const second = await call("POST", "/users/1/invite", { headers });
  const replayed = await call("POST", "/users/1/invite", { headers });
  assert.equal([second.status, replayed.status, replayed.json.invitation_link], [200, 200, null]);
  assert.is((await call("POST", "/auth/accept", { body: { token: tokenOf(first), password } })).status, 422);
  assert.is((await call("POST", "/auth/accept", { body: { token: tokenOf(second), password } })).status, 200);
  await call("DELETE", "/users/1");
  assert.is((await call("POST", "/users/1/invite")).json.type, "/problems/user-inactive");
});

it("shows who is on record alone, as after an import, and takes an address for them", async () => {
  await node.desk.submit({ command: { kind: "create-user", user: 5, role: "viewer", teams: null }, actor: "admin" });
  const { json } = await call("GET", "/users/5");
  assert.equal([json.name, json.email, json.erased], ["user 5", null, false]);
  assert.is((await call("POST", "/users/5/invite")).status, 404);
  assert.is((await call("PATCH", "/users/5", { body: { full_name: "Eve" } })).status, 404);
  assert.is(
    (await call("PATCH", "/users/5", { body: { email: "eve@example.com", full_name: "Eve" } })).json.name,
    "Eve",
  );
  assert.is((await call("POST", "/users/5/invite")).status, 200);
  assert.is((await add({})).json.user_id, 6, "and nobody else gets such a number");
});

it("erases the names of every handler that somebody has been, and of nobody else", async () => {
  for (const handler_id of ["Old", "New", "Lent"]) {
    await call("POST", "/handlers", { body: { handler_id, name: `${handler_id} of Ana` } });
  }
  await add({ handler: "Lent" });
  for (const handler of ["Old", "New"]) await call("PATCH", "/users/1", { body: { handler } });
  await add({ email: "bo@example.com", handler: "Lent" });
  await call("DELETE", "/users/1?erase=true");
  const name = async (handler: string) => (await call("GET", `/handlers/${handler}`)).json.name;
  assert.equal([await name("Old"), await name("New"), await name("Lent")], ["Old", "erased user 1", "Lent of Ana"]);
  await call("POST", "/handlers", { body: { handler_id: "New", name: "Somebody else" } });
  assert.is(await name("New"), "Somebody else");
});

it("changes what is named, in ledger and vault, or nothing at all", async () => {
  await add({});
  await add({ email: "bo@example.com" });
  const change = (body: Json) => call("PATCH", "/users/1", { body });
  const changed = await change({ role: "Manager", teams: null, full_name: "Ana", email: "Ana.Ng@example.com" });
  assert.equal(
    [changed.json.role, changed.json.teams, changed.json.name, changed.json.email],
    ["manager", null, "Ana", "ana.ng@example.com"],
  );
  assert.equal(
    node.mails.sent.slice(-2).map(({ to }) => to),
    ["ana@example.com", "ana.ng@example.com"],
  );
  const taken = await change({ role: "viewer", email: "bo@example.com" });
  assert.equal([taken.status, taken.json.type], [409, "/problems/user-exists"]);
  const unknown = await change({ teams: ["nowhere"], full_name: "Nobody" });
  assert.is(unknown.status, 422);
  const { json } = await call("GET", "/users/1");
  assert.equal([json.role, json.full_name], ["manager", "Ana"]);
  assert.is((await call("PATCH", "/users/x", { body: { role: "viewer" } })).status, 404);
  assert.is((await call("PATCH", "/users/1", { body: { password } })).status, 422);
});

it("says so where the command line gives an address away in the moment between", async () => {
  await add({});
  await add({ email: "bo@example.com" });
  const look = mock.method(node.vault.accounts, "findByEmail", async () => null);
  const taken = await call("PATCH", "/users/2", { body: { email: "ana@example.com" } });
  look.mock.restore();
  assert.equal([taken.status, taken.json.type], [409, "/problems/user-exists"]);
  assert.is((await call("GET", "/users/2")).json.email, "bo@example.com");
});

it("shows a handler under the name of the user that they are", async () => {
  await add({ full_name: "Ana Ng", handler: "Alice" });
  const name = async () => (await call("GET", "/handlers/alice")).json.name;
  assert.is(await name(), "Ana Ng");
  await call("PATCH", "/users/1", { body: { full_name: "Ana Okoro" } });
  assert.is(await name(), "Ana Okoro");
  await call("PATCH", "/users/1", { body: { handler: null } });
  assert.is(await name(), "Alice");
});

it("ends everything of one who is deactivated, at once", async () => {
  await add({ password, handler: "Alice" });
  await call("POST", "/incidents", { body: { title: "a fault" } });
  const { json } = await call("POST", "/auth/login", { body: { email: "ana@example.com", password } });
  const headers = { authorization: `Bearer ${json.access_token}` };
  assert.is((await call("GET", "/queue", { headers })).status, 200);
  assert.is((await call("DELETE", "/users/1")).json.active, false);
  assert.is((await call("GET", "/queue", { headers })).status, 401);
  const refresh = { body: { refresh_token: json.refresh_token } };
  assert.is((await call("POST", "/auth/refresh", refresh)).status, 401);
  assert.is((await call("POST", "/auth/login", { body: { email: "ana@example.com", password } })).status, 401);
  assert.is((await call("GET", "/incidents/1")).json.assigned_to, "Bob");
  assert.is((await call("GET", "/handlers/Alice")).json.available, false);
  assert.is((await call("PATCH", "/users/1", { body: { active: true } })).json.active, true);
  assert.is((await call("GET", "/queue", { headers })).status, 401, "an old session does not come back");
});

it("leaves nothing personal of one who is erased", async () => {
  await call("POST", "/handlers", { body: { handler_id: "Ana", name: "Ana of the ledger" } });
  await add({ full_name: "Ana of the vault", phone: "+49 30 901820", password, handler: "Ana" });
  await call("POST", "/auth/login", { body: { email: "ana@example.com", password } });
  const erased = await call("DELETE", "/users/1?erase=true");
  assert.is(erased.status, 200);
  const { created_at: _, ...user } = erased.json;
  assert.equal(user, {
    user_id: 1,
    name: "erased user 1",
    email: null,
    full_name: null,
    phone: null,
    role: "responder",
    teams: null,
    handler: "Ana",
    active: false,
    erased: true,
    has_password: false,
    version: 2,
  });
  assert.is((await call("GET", "/handlers/Ana")).json.name, "erased user 1");
  const everything = [
    ...(await Promise.all(["/users", "/events?limit=1000", "/handlers"].map((url) => call("GET", url)))),
  ].map(({ text }) => text);
  for (const personal of ["ana@example.com", "of the vault", "of the ledger", "901820"]) {
    for (const text of everything) assert.not(text.includes(personal), personal);
  }
  assert.is((await call("DELETE", "/users/1?erase=true")).status, 200, "again changes nothing");
  assert.is((await call("PATCH", "/users/1", { body: { active: true } })).status, 404);
  assert.is((await add({ email: "ana@example.com" })).json.user_id, 2, "a number is never given twice");
});

it("pages through all users by number", async () => {
  for (let count = 1; count <= 5; count += 1) await add({ email: `user${count}@example.com` });
  const first = await call("GET", "/users?limit=2&count=true");
  assert.equal([(first.json.users as Json[]).map(({ user_id }) => user_id), first.json.total], [[1, 2], 5]);
  const second = await call("GET", `/users?limit=9&cursor=${first.json.next_cursor}`);
  assert.equal(
    (second.json.users as Json[]).map(({ user_id }) => user_id),
    [3, 4, 5],
  );
  assert.is(second.json.next_cursor, null);
});

it("reads a page from the vault with one question, however many are on it", async () => {
  for (const name of ["ana", "bo", "cy", "di"]) await add({ email: `${name}@example.com` });
  await call("DELETE", "/users/2?erase=true");
  const { accounts } = node.vault;
  const one = mock.method(accounts, "get");
  const many = mock.method(accounts, "getMany");
  const page = await call("GET", "/users?limit=3");
  assert.equal(
    rowsOf(page, "users").map(({ name }) => name),
    ["ana@example.com", "erased user 2", "cy@example.com"],
  );
  assert.equal([one.mock.callCount(), many.mock.callCount()], [0, 1]);
});
