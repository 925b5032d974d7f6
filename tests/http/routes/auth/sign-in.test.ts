import { hash } from "@node-rs/argon2";
import * as assert from "uvu/assert";
import { suite } from "../../../support/suite.ts";
import { type AuthNode, openAuthNode } from "../../support/auth-node.ts";
import type { Answer } from "../../support/client.ts";
import { adminKey, otherKey } from "../../support/node.ts";

const it = suite("signing in");
let test: AuthNode;

it.before.each(async () => {
  test = await openAuthNode();
});
// Closing holds every answer against the documentation.
it.after.each(() => test.close());

const password = "seven herons on a roof";
const minute_ms = 60_000;

function codeOf({ status, json }: Answer): string {
  return `${status} ${String(json.type).replace("/problems/", "")}`;
}

it("gives a short access token and a refresh token, and says who one is", async () => {
  const user_id = await test.user("ana@example.com", password);
  await test.vault.accounts.edit(user_id, { full_name: "Ana Ng", phone: "+49 30 1" });
  const answer = await test.login("  Ana@Example.COM ", password);
  assert.is(answer.status, 200);
  assert.is(answer.headers["cache-control"], "no-store");
  const { access_token, refresh_token, ...rest } = answer.json;
  assert.equal(rest, { token_type: "Bearer", expires_in: 600 });
  assert.match(String(refresh_token), /^il_refresh_/);
  assert.match(String(access_token), /^eyJ/);
  const me = await test.call("GET", "/auth/me", { headers: test.bearer(answer) });
  assert.equal(me.json, {
    actor: "user:1",
    user_id: 1,
    name: "Ana Ng",
    email: "ana@example.com",
    full_name: "Ana Ng",
    phone: "+49 30 1",
    role: "responder",
    teams: ["default"],
    handler: null,
  });
  const { kind, actor, address } = test.entries[0] ?? {};
  assert.equal({ kind, actor, address }, { kind: "sign-in", actor: "user:1", address: "127.0.0.1" });
});

it("opens the rest of the service as well", async () => {
  await test.user("ana@example.com", password);
  const signed_in = await test.login("ana@example.com", password);
  assert.is((await test.call("GET", "/queue", { headers: test.bearer(signed_in) })).status, 200);
  assert.is((await test.call("GET", "/queue")).status, 401);
});

it("gives one answer to unknown, wrong, inactive, without a password, and impossible", async () => {
  await test.user("ana@example.com", password);
  const inactive = await test.user("bo@example.com", password);
  test.directory.set(inactive, { active: false });
  const unknown_to_ledger = await test.user("cy@example.com", password);
  test.directory.forget(unknown_to_ledger);
  await test.vault.accounts.create({ email: "dora@example.com", at: test.runtime.instant });
  const answers = [
    await test.login("ana@example.com", "seven herons on a roo"),
    await test.login("nobody@example.com", password),
    await test.login("bo@example.com", password),
    await test.login("cy@example.com", password),
    await test.login("dora@example.com", password),
    await test.login("no address", "x".repeat(1024)),
  ];
  for (const { status, text, headers } of answers) {
    assert.is(status, 401);
    assert.is(text.replace(/"instance":"[^"]*"/, ""), answers[0]?.text.replace(/"instance":"[^"]*"/, ""));
    assert.is(headers["set-cookie"], undefined);
  }
});

it("hashes once, whoever asks and whatever is wrong", async () => {
  await test.user("ana@example.com", password);
  const inactive = await test.user("bo@example.com", password);
  test.directory.set(inactive, { active: false });
  const { hashing } = test.identity;
  let verified = 0;
  const verify = hashing.verify.bind(hashing);
  hashing.verify = (...given) => {
    verified += 1;
    return verify(...given);
  };
  for (const email of ["ana@example.com", "nobody@example.com", "bo@example.com", "no address"]) {
    verified = 0;
    await test.login(email, "wrong");
    assert.is(verified, 1, email);
  }
});

it("hashes anew what was hashed at another cost", async () => {
  const user_id = await test.user("ana@example.com", password);
  const old = await hash(password, { memoryCost: 8192, timeCost: 1 });
  await test.vault.accounts.setPassword(user_id, old, test.runtime.instant);
  assert.is((await test.login("ana@example.com", "wrong")).status, 401);
  assert.is(await test.vault.accounts.passwordHash(user_id), old);
  assert.is((await test.login("ana@example.com", password)).status, 200);
  assert.match((await test.vault.accounts.passwordHash(user_id)) ?? "", /m=19456,t=2,p=1/);
  assert.is((await test.login("ana@example.com", password)).status, 200);
});

it("slows down who guesses, and says for how long", async () => {
  await test.user("ana@example.com", password);
  const from = { address: "203.0.113.9" };
  for (let count = 0; count < 5; count += 1)
    assert.is((await test.login("ana@example.com", "wrong", from)).status, 401);
  const waiting = await test.login("ana@example.com", password, from);
  assert.is(codeOf(waiting), "429 too-many-attempts");
  assert.is(waiting.headers["retry-after"], "1");
  assert.is((await test.login("ana@example.com", password, { address: "192.0.2.1" })).status, 200);
  await test.runtime.pass(1000);
  assert.is((await test.login("ana@example.com", password, from)).status, 200);
  assert.equal(
    test.entries.map(({ kind }) => kind),
    [...Array.from({ length: 5 }, () => "sign-in-failed" as const), "throttled", "sign-in", "sign-in"],
  );
});

it("slows down alike where there is no such user", async () => {
  const statuses = [];
  for (let count = 0; count < 6; count += 1) statuses.push((await test.login("nobody@example.com", "wrong")).status);
  assert.equal(statuses, [401, 401, 401, 401, 401, 429]);
});

it("lets a device through that is known, whatever a neighbour behind the same address does", async () => {
  await test.user("ana@example.com", password);
  const { headers } = await test.login("ana@example.com", password);
  const set = String(headers["set-cookie"]);
  assert.match(set, /^il_device=[\w.-]+; Path=\/auth; Max-Age=15552000; HttpOnly; SameSite=Strict; Secure$/);
  const cookie = `other=1; ${set.split(";", 1)[0]}`;
  for (let count = 0; count < 6; count += 1) await test.login("ana@example.com", "wrong");
  assert.is((await test.login("ana@example.com", password)).status, 429);
  assert.is((await test.login("ana@example.com", password, { headers: { cookie } })).status, 200);
  const mangled = cookie.replace(/.$/, (last) => (last === "A" ? "E" : "A"));
  assert.is((await test.login("ana@example.com", password, { headers: { cookie: mangled } })).status, 429);
  await test.user("bo@example.com", password);
  for (let count = 0; count < 6; count += 1) await test.login("bo@example.com", "wrong");
  assert.is((await test.login("bo@example.com", password, { headers: { cookie } })).status, 429);
});

it("refuses with 503 what more wait for than may, and counts no attempt for it", async () => {
  await test.user("ana@example.com", password);
  const addresses = Array.from({ length: 90 }, (_, index) => `192.0.2.${index}`);
  const answers = await Promise.all(addresses.map((address) => test.login("ana@example.com", password, { address })));
  const busy = answers.filter(({ status }) => status === 503);
  assert.ok(busy.length > 0 && busy.length < 90, String(busy.length));
  for (const answer of answers) assert.ok([200, 503].includes(answer.status), answer.text);
  assert.is(codeOf(busy[0] as Answer), "503 sign-in-busy");
  assert.is(busy[0]?.headers["retry-after"], "1");
});

it("goes on by refreshing, and each refresh token works once", async () => {
  await test.user("ana@example.com", password);
  let answer = await test.login("ana@example.com", password);
  for (let count = 0; count < 3; count += 1) {
    await test.runtime.pass(9 * minute_ms);
    const next = await test.call("POST", "/auth/refresh", { body: { refresh_token: answer.json.refresh_token } });
    assert.is(next.status, 200);
    assert.is(next.headers["cache-control"], "no-store");
    assert.is.not(next.json.refresh_token, answer.json.refresh_token);
    answer = next;
  }
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(answer) })).status, 200);
  await test.runtime.pass(11 * minute_ms);
  assert.is(codeOf(await test.call("GET", "/auth/me", { headers: test.bearer(answer) })), "401 unauthorized");
});

it("ends for thief and owner alike when a refresh token comes twice", async () => {
  await test.user("ana@example.com", password);
  const first = await test.login("ana@example.com", password);
  const body = { refresh_token: first.json.refresh_token };
  const second = await test.call("POST", "/auth/refresh", { body });
  assert.is(codeOf(await test.call("POST", "/auth/refresh", { body })), "401 session-over");
  for (const answer of [first, second]) {
    assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(answer) })).status, 401);
  }
  const last = await test.call("POST", "/auth/refresh", { body: { refresh_token: second.json.refresh_token } });
  assert.is(codeOf(last), "401 session-over");
  assert.is(test.entries.filter(({ kind }) => kind === "refresh-reused").length, 1);
});

it("ends when one refresh token comes twice at the same moment", async () => {
  await test.user("ana@example.com", password);
  const first = await test.login("ana@example.com", password);
  const body = { refresh_token: first.json.refresh_token };
  const answers = await Promise.all([1, 2, 3, 4].map(() => test.call("POST", "/auth/refresh", { body })));
  assert.equal(answers.map(({ status }) => status).sort(), [200, 401, 401, 401]);
  const winner = answers.find(({ status }) => status === 200);
  assert.ok(winner);
  if (winner !== undefined) {
    assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(winner) })).status, 401);
  }
});

it("ends at once for who is made inactive: access token, refresh token, password", async () => {
  const user_id = await test.user("ana@example.com", password);
  const answer = await test.login("ana@example.com", password);
  test.directory.set(user_id, { active: false });
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(answer) })).status, 401);
  assert.is((await test.call("GET", "/queue", { headers: test.bearer(answer) })).status, 401);
  const refreshed = await test.call("POST", "/auth/refresh", { body: { refresh_token: answer.json.refresh_token } });
  assert.is(codeOf(refreshed), "401 session-over");
  assert.is((await test.login("ana@example.com", password)).status, 401);
  test.directory.set(user_id, { active: true });
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(answer) })).status, 401);
});

it("ends at once for who is erased", async () => {
  const user_id = await test.user("ana@example.com", password);
  const answer = await test.login("ana@example.com", password);
  await test.vault.accounts.erase(user_id);
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(answer) })).status, 401);
  assert.is((await test.login("ana@example.com", password)).status, 401);
});

it("ends by signing out, with the access token, with a refresh token, or with either again", async () => {
  await test.user("ana@example.com", password);
  const first = await test.login("ana@example.com", password);
  assert.equal((await test.call("POST", "/auth/logout", { headers: test.bearer(first) })).json, { signed_out: true });
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(first) })).status, 401);
  assert.is(codeOf(await test.call("POST", "/auth/logout", { headers: test.bearer(first) })), "401 session-over");
  const second = await test.login("ana@example.com", password);
  await test.runtime.pass(11 * minute_ms);
  const { refresh_token } = second.json;
  const both = { headers: test.bearer(second), body: { refresh_token } };
  assert.is((await test.call("POST", "/auth/logout", both)).status, 200);
  assert.is((await test.call("POST", "/auth/logout", both)).status, 200);
  assert.is((await test.call("POST", "/auth/refresh", { body: { refresh_token } })).status, 401);
  assert.is(codeOf(await test.call("POST", "/auth/logout")), "400 body-missing");
  assert.is(test.entries.filter(({ kind }) => kind === "signed-out").length, 2);
});

it("shows where one is signed in, and ends one or all others", async () => {
  await test.user("ana@example.com", password);
  await test.user("bo@example.com", password);
  const bo = await test.login("bo@example.com", password);
  const here = { headers: { "user-agent": "curl/8" }, address: "192.0.2.1" };
  const mine = [];
  for (let count = 0; count < 4; count += 1) {
    await test.runtime.pass(1000);
    mine.push(await test.login("ana@example.com", password, here));
  }
  const headers = test.bearer(mine[0] as Answer);
  const listed = await test.call("GET", "/auth/sessions", { headers });
  const sessions = listed.json.sessions as Record<string, unknown>[];
  assert.is(sessions.length, 4);
  assert.equal(
    sessions.map(({ is_current, address, user_agent }) => [is_current, address, user_agent]),
    [false, false, false, true].map((is_current) => [is_current, "192.0.2.1", "curl/8"]),
  );
  assert.not.match(listed.text, /token|family|hash|ended_at/);
  const [newest] = sessions;
  const ended = await test.call("DELETE", `/auth/sessions/${String(newest?.session_id)}`, { headers });
  assert.equal(ended.json, { sessions_ended: 1 });
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(mine[3] as Answer) })).status, 401);
  const again = await test.call("DELETE", `/auth/sessions/${String(newest?.session_id)}`, { headers });
  assert.is(codeOf(again), "404 session-not-found");
  const bos = (await test.vault.sessions.listOf(2))[0]?.session_id;
  assert.is(codeOf(await test.call("DELETE", `/auth/sessions/${bos}`, { headers })), "404 session-not-found");
  assert.equal((await test.call("DELETE", "/auth/sessions", { headers })).json, { sessions_ended: 2 });
  assert.is((await test.call("GET", "/auth/me", { headers })).status, 200);
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(mine[1] as Answer) })).status, 401);
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(bo) })).status, 200);
});

it("tells a key who it is, and that it has no sessions and no password", async () => {
  for (const key of [adminKey, otherKey]) {
    const headers = { authorization: `Bearer ${key}` };
    const me = await test.call("GET", "/auth/me", { headers });
    assert.is(me.json.user_id, null);
    assert.is(me.json.actor, key === adminKey ? "admin" : "key:7");
    const body = { current_password: "x", new_password: "y" };
    for (const answer of [
      await test.call("GET", "/auth/sessions", { headers }),
      await test.call("DELETE", "/auth/sessions", { headers }),
      await test.call("DELETE", "/auth/sessions/x", { headers }),
      await test.call("POST", "/auth/password", { headers, body }),
    ]) {
      assert.is(codeOf(answer), "403 needs-sign-in");
    }
  }
});

it("takes no token for another kind of credential", async () => {
  await test.user("ana@example.com", password);
  const { json } = await test.login("ana@example.com", password);
  const { access_token, refresh_token } = json;
  const { token } = await test.vault.links.make(1, "recovery");
  for (const credential of [refresh_token, token, `${String(access_token)}x`, "eyJ.eyJ.x"]) {
    const headers = { authorization: `Bearer ${String(credential)}` };
    assert.is((await test.call("GET", "/auth/me", { headers })).status, 401);
  }
  for (const wrong of [access_token, token, adminKey, ""]) {
    const answer = await test.call("POST", "/auth/refresh", { body: { refresh_token: wrong } });
    assert.ok([401, 422].includes(answer.status), answer.text);
  }
  const accepted = await test.call("POST", "/auth/accept", { body: { token: String(refresh_token), password } });
  assert.is(codeOf(accepted), "422 link-over");
});

it("wants a body of its own fields, as texts", async () => {
  for (const body of [
    {},
    { email: "a@b.c" },
    { email: 1, password: 2 },
    { email: "a@b.c", password: "x", admin: true },
    [],
  ]) {
    assert.is(codeOf(await test.call("POST", "/auth/login", { body })), "422 validation-failed", JSON.stringify(body));
  }
  assert.is(codeOf(await test.call("POST", "/auth/login")), "400 body-missing");
});
