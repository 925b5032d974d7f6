import * as assert from "uvu/assert";
import { suite } from "../../../support/suite.ts";
import { type AuthNode, openAuthNode } from "../../support/auth-node.ts";
import type { Answer } from "../../support/client.ts";

const it = suite("choosing a password");
let test: AuthNode;

it.before.each(async () => {
  test = await openAuthNode();
});
it.after.each(() => test.close());

const password = "seven herons on a roof";
const next = "a kettle, a comet, a coat";
const minute_ms = 60_000;

function codeOf({ status, json }: Answer): string {
  return `${status} ${String(json.type).replace("/problems/", "")}`;
}

async function recover(email: string): Promise<Answer> {
  const answer = await test.call("POST", "/auth/recover", { body: { email } });
  await test.runtime.pass(300);
  return answer;
}

function accept(token: string, chosen: string, more: object = {}): Promise<Answer> {
  return test.call("POST", "/auth/accept", { body: { token, password: chosen, ...more } });
}

function change(answer: Answer, current_password: string, new_password: string): Promise<Answer> {
  const body = { current_password, new_password };
  return test.call("POST", "/auth/password", { headers: test.bearer(answer), body });
}

it("is possible with the present one; all other sessions and all links end, and the owner is told", async () => {
  const user_id = await test.user("ana@example.com", password);
  const other = await test.login("ana@example.com", password);
  const mine = await test.login("ana@example.com", password);
  const { token } = await test.vault.links.make(user_id, "recovery");
  assert.equal((await change(mine, password, next)).json, { sessions_ended: 1 });
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(mine) })).status, 200);
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(other) })).status, 401);
  assert.is((await test.login("ana@example.com", password)).status, 401);
  assert.is((await test.login("ana@example.com", next)).status, 200);
  assert.is(codeOf(await accept(token, next)), "422 link-over");
  const [mail] = test.mails.sent;
  assert.is(test.mails.sent.length, 1);
  assert.is(mail?.to, "ana@example.com");
  assert.match(
    mail?.text ?? "",
    /password of ana@example\.com was changed on 2026-01-05 08:00 UTC, from the address 127\.0\.0\.1/,
  );
  assert.ok(test.entries.some(({ kind, actor }) => kind === "password-changed" && actor === "user:1"));
});

it("is refused with a wrong present one, and slowed down after several", async () => {
  await test.user("ana@example.com", password);
  const mine = await test.login("ana@example.com", password);
  for (let count = 0; count < 5; count += 1) assert.is(codeOf(await change(mine, "wrong", next)), "422 password-wrong");
  const waiting = await change(mine, password, next);
  assert.is(codeOf(waiting), "429 too-many-attempts");
  assert.is(waiting.headers["retry-after"], "1");
  assert.is((await test.login("ana@example.com", password)).status, 429);
  assert.equal(test.mails.sent, []);
});

it("is refused where it will not do, before the present one is looked at", async () => {
  await test.user("ana.unmistakable@example.com", password);
  const mine = await test.login("ana.unmistakable@example.com", password);
  for (const unfit of [
    "short",
    "Password1234".slice(0, 8),
    "x".repeat(129),
    "ana.unmistakable",
    "ana.unmistakable@example.com",
  ]) {
    for (let count = 0; count < 2; count += 1) {
      const answer = await change(mine, "wrong", unfit);
      assert.is(codeOf(answer), "422 password-unfit", unfit);
      assert.is((answer.json.errors as { pointer: string }[])[0]?.pointer, "#/new_password");
      assert.not(answer.text.includes(unfit) && unfit.length > 5, unfit);
    }
  }
  assert.is((await change(mine, password, next)).status, 200);
});

it("is answered alike whether or not anybody has the address, and only who has it gets a mail", async () => {
  await test.user("ana@example.com", password);
  const inactive = await test.user("bo@example.com", password);
  test.directory.set(inactive, { active: false });
  await test.vault.accounts.create({ email: "invited@example.com", at: test.runtime.instant });
  const answers = [];
  for (const email of [
    "ana@example.com",
    "bo@example.com",
    "invited@example.com",
    "nobody@example.com",
    "no address",
    "x",
  ]) {
    answers.push(await recover(email));
  }
  for (const { status, text } of answers) assert.equal([status, text], [202, answers[0]?.text]);
  assert.equal(
    test.mails.sent.map(({ to }) => to),
    ["ana@example.com"],
  );
  assert.match(test.mails.sent[0]?.text ?? "", /^https:\/\/incidents\.example\.com\/auth\/link#il_link_[\w-]{43}$/m);
  assert.is(test.entries.filter(({ kind }) => kind === "recovery-asked").length, 6);
  assert.equal(test.troubles, []);
});

it("does not take its link from what a request calls this host", async () => {
  await test.user("ana@example.com", password);
  const headers = { host: "eve.example", "x-forwarded-host": "eve.example", forwarded: "host=eve.example" };
  await test.call("POST", "/auth/recover", { headers, body: { email: "ana@example.com" } });
  await test.runtime.pass(300);
  assert.not.match(test.mails.sent[0]?.text ?? "", /eve/);
});

it("works once by the mailed link, ends every session, signs nobody in, and tells the owner", async () => {
  await test.user("ana@example.com", password);
  const session = await test.login("ana@example.com", password);
  await recover("ana@example.com");
  const { token } = test.mails;
  const accepted = await accept(token, next, { full_name: "Not By Recovery" });
  assert.equal(accepted.json, { password_set: true });
  assert.is(accepted.headers["set-cookie"], undefined);
  assert.is((await test.call("GET", "/auth/me", { headers: test.bearer(session) })).status, 401);
  assert.is((await test.login("ana@example.com", password)).status, 401);
  assert.is((await test.login("ana@example.com", next)).status, 200);
  assert.is(codeOf(await accept(token, password)), "422 link-over");
  assert.is((await test.vault.accounts.get(1))?.full_name, null);
  assert.match(test.mails.sent.at(-1)?.text ?? "", /chosen by a recovery link, and every session was ended/);
  assert.ok(test.entries.some(({ kind, actor }) => kind === "recovery-used" && actor === "user:1"));
});

it("goes to one of those who use a link at the same moment", async () => {
  await test.user("ana@example.com", password);
  await recover("ana@example.com");
  const { token } = test.mails;
  const chosen = ["first herons on a roof", "second herons on a roof", "third herons on a roof"];
  const answers = await Promise.all(chosen.map((one) => accept(token, one)));
  assert.equal(answers.map(({ status }) => status).sort(), [200, 422, 422]);
  const winner = chosen[answers.findIndex(({ status }) => status === 200)] ?? "";
  assert.is((await test.login("ana@example.com", winner)).status, 200);
});

it("does not cost the link where it will not do", async () => {
  await test.user("ana@example.com", password);
  await recover("ana@example.com");
  const { token } = test.mails;
  for (const unfit of ["short", "12345678", "ana@example.com"]) {
    assert.is(codeOf(await accept(token, unfit)), "422 password-unfit", unfit);
  }
  assert.is((await accept(token, next)).status, 200);
});

it("is too late after ten minutes, and nothing for who is inactive by then", async () => {
  const user_id = await test.user("ana@example.com", password);
  await recover("ana@example.com");
  test.directory.set(user_id, { active: false });
  assert.is(codeOf(await accept(test.mails.token, next)), "422 link-over");
  test.directory.set(user_id, { active: true });
  await test.runtime.pass(10 * minute_ms);
  assert.is(codeOf(await accept(test.mails.token, next)), "422 link-over");
  assert.is((await test.login("ana@example.com", password)).status, 200);
});

it("gets no second mail within five minutes, so that the link in the mailbox stays good", async () => {
  await test.user("ana@example.com", password);
  await recover("ana@example.com");
  const { token } = test.mails;
  for (let count = 0; count < 5; count += 1) await recover("ana@example.com");
  assert.is(test.mails.sent.length, 1);
  assert.ok(await test.vault.links.find(token));
  await test.runtime.pass(5 * minute_ms);
  await recover("ana@example.com");
  assert.is(test.mails.sent.length, 2);
  assert.is(await test.vault.links.find(token), null);
  assert.is((await accept(test.mails.token, next)).status, 200);
});

it("is how somebody who was invited begins, with the name that they choose", async () => {
  const user_id = (await test.vault.accounts.create({ email: "eve@example.com", at: test.runtime.instant })) as number;
  test.directory.set(user_id);
  const { token } = await test.vault.links.make(user_id, "invitation");
  await test.runtime.pass(6 * 24 * 60 * minute_ms);
  assert.is((await accept(token, next, { full_name: "Eve Example" })).status, 200);
  assert.is((await test.vault.accounts.get(user_id))?.full_name, "Eve Example");
  assert.is((await test.login("eve@example.com", next)).status, 200);
  assert.ok(test.entries.some(({ kind }) => kind === "invitation-used"));
});

it("is shown on a page that runs nothing but its own script and keeps the token to itself", async () => {
  const page = await test.call("GET", "/auth/link");
  assert.is(page.status, 200);
  assert.is(page.headers["content-type"], "text/html; charset=utf-8");
  assert.is(page.headers["referrer-policy"], "no-referrer");
  assert.is(page.headers["cache-control"], "no-store");
  const policy = String(page.headers["content-security-policy"]);
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; /);
  assert.match(policy, /connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
  assert.not.match(page.text, /(?:src|href)="(?!data:)/);
});

it("leaves no password, token or link in any log line, access log or answer but the one that gives it", async () => {
  const user_id = await test.user("ana@example.com", password);
  const mine = await test.login("ana@example.com", password);
  const { refresh_token } = mine.json;
  const refreshed = await test.call("POST", "/auth/refresh", { body: { refresh_token } });
  await change(refreshed, "a wrong password", next);
  await change(refreshed, password, next);
  await recover("ana@example.com");
  const { token } = test.mails;
  await accept(token, "short");
  await accept(token, password);
  await accept(token, password);
  await test.call("POST", "/auth/refresh", { body: { refresh_token } });
  await test.call("POST", "/auth/login", { raw: `{"email":"ana@example.com","password":"${password}` });
  await test.call("GET", `/auth/link/${token}`);
  await test.call("GET", "/auth/sessions", { headers: test.bearer(refreshed) });
  const hashed = (await test.vault.accounts.passwordHash(user_id)) ?? "";
  const given = [mine, refreshed].flatMap(({ json }) => [String(json.access_token), String(json.refresh_token)]);
  const secrets = [password, next, "a wrong password", token, hashed, ...given];
  const lines = `${test.logged.join("")}${JSON.stringify(test.entries)}`;
  for (const secret of secrets) assert.not(lines.includes(secret), secret);
  assert.not(lines.includes("ana@example.com"));
  for (const answer of test.answers) {
    const isGiver = answer === mine || answer === refreshed;
    const text = answer.text + JSON.stringify(answer.headers);
    for (const secret of secrets) assert.not(!isGiver && text.includes(secret), `${secret} in ${answer.text}`);
  }
});
