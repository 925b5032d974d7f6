import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("the accounts of users");
let test: VaultUnderTest;

it.before.each(() => {
  test = vaultUnderTest();
});
it.after.each(() => test.close());

const at = "2026-01-31T09:15:00.000Z";

it("numbers users 1, 2, 3 and shows what it knows of them, but no hash", async () => {
  const { accounts } = test.vault;
  assert.is(await accounts.create({ email: "Ana@Example.com", full_name: "Ana Ng", phone: "+49 30 1", at }), 1);
  assert.is(await accounts.create({ email: "bo@example.com", at }), 2);
  await accounts.setPassword(1, "$argon2id$of-ana", at);
  assert.equal(await accounts.get(1), {
    user_id: 1,
    email: "ana@example.com",
    full_name: "Ana Ng",
    phone: "+49 30 1",
    password_changed_at: at,
    created_at: at,
  });
  const some = await accounts.getMany([2, 3, 1]);
  assert.equal([...some.keys()].sort(), [1, 2]);
  for (const [user_id, account] of some) assert.equal(account, await accounts.get(user_id));
  assert.is((await accounts.getMany([])).size, 0);
  assert.equal(
    (await accounts.list()).map(({ email }) => email),
    ["ana@example.com", "bo@example.com"],
  );
  assert.is(await accounts.passwordHash(1), "$argon2id$of-ana");
  assert.is(await accounts.passwordHash(2), null);
  assert.is(await accounts.passwordHash(3), null);
  assert.is(await accounts.get(3), null);
});

it("finds an address however it is written, and lets nobody have it twice", async () => {
  const { accounts } = test.vault;
  await accounts.create({ email: "jos\u00e9@example.com", at });
  for (const email of ["jose\u0301@example.com", "  JOS\u00c9@EXAMPLE.COM ", "Jos\u00e9@Example.Com"]) {
    assert.is((await accounts.findByEmail(email))?.user_id, 1, email);
    assert.is(await accounts.create({ email, at }), "email-taken", email);
  }
  for (const email of ["jose@example.com", "", "josé", "josé@example.com.", "josé@exa mple.com"]) {
    assert.is(await accounts.findByEmail(email), null, email);
  }
});

it("refuses what is no address, or would be more than one in the header of a mail", async () => {
  const wrong = [
    "",
    "ana",
    "@example.com",
    "ana@",
    "ana@example..com",
    "ana@-example.com",
    "a@b@example.com",
    "ana@example.com, eve@example.com",
    "Ana <ana@example.com>",
    "ana@example.com\r\nBcc: eve@example.com",
    'ana"@example.com',
    "ana;eve@example.com",
    `${"x".repeat(65)}@example.com`,
    `ana@${"x".repeat(60)}.${"x".repeat(60)}.${"x".repeat(60)}.${"x".repeat(60)}.${"x".repeat(60)}`,
  ];
  for (const email of wrong) {
    const failure = await test.vault.accounts.create({ email, at }).catch((error: unknown) => error);
    assert.instance(failure, RangeError, email);
  }
  assert.equal(await test.vault.accounts.list(), []);
});

it("never uses a number again, not even one whose user was taken back", async () => {
  const { accounts } = test.vault;
  await accounts.create({ email: "ana@example.com", at });
  await accounts.create({ email: "bo@example.com", at });
  await accounts.remove(2);
  assert.is(await accounts.create({ email: "bo@example.com", at }), 3);
  await accounts.erase(3);
  assert.is(await accounts.create({ email: "bo@example.com", at }), 4);
});

it("changes what is named and leaves the rest", async () => {
  const { accounts } = test.vault;
  await accounts.create({ email: "ana@example.com", full_name: "Ana", phone: "1", at });
  await accounts.create({ email: "bo@example.com", at });
  assert.is(await accounts.edit(1, { phone: null }), "done");
  assert.is(await accounts.edit(1, { email: "BO@example.com" }), "email-taken");
  assert.is(await accounts.edit(1, { email: "Ana@example.com", full_name: "Ana Ng" }), "done");
  assert.is(await accounts.edit(9, { full_name: "Nobody" }), "missing");
  const { email, full_name, phone } = (await accounts.get(1)) ?? {};
  assert.equal({ email, full_name, phone }, { email: "ana@example.com", full_name: "Ana Ng", phone: null });
});

it("keeps the time of a password whose hash alone is new", async () => {
  const { accounts } = test.vault;
  await accounts.create({ email: "ana@example.com", at });
  assert.is(await accounts.setPassword(1, "$old", at), true);
  await accounts.renewHash(1, "$old", "$new");
  assert.is((await accounts.get(1))?.password_changed_at, at);
  await accounts.renewHash(1, "$old", "$late");
  assert.is(await accounts.passwordHash(1), "$new");
  assert.is(await accounts.setPassword(2, "$new", at), false);
});

it("ends the links that went to an address that is not theirs any more", async () => {
  const { accounts, links } = test.vault;
  await accounts.create({ email: "ana@example.com", at });
  const { token } = await links.make(1, "recovery");
  await accounts.edit(1, { full_name: "Ana" });
  assert.ok(await links.find(token));
  await accounts.edit(1, { email: "ana@example.org" });
  assert.is(await links.find(token), null);
});

it("leaves nothing of somebody who is erased, in no table and in no file", async () => {
  const { accounts, links, sessions, attempts } = test.vault;
  const origin = { address: "203.0.113.77", user_agent: "Anas browser" };
  await accounts.create({
    email: "ana.unmistakable@example.com",
    full_name: "Ana Unmistakable",
    phone: "+4930555",
    at,
  });
  await accounts.create({ email: "bo@example.com", full_name: "Bo Who Stays", at });
  await accounts.setPassword(1, "$argon2id$unmistakable-hash", at);
  await links.make(1, "invitation");
  const { token } = await links.make(1, "recovery");
  const { session, refresh_token } = await sessions.begin(1, origin);
  const bo = await sessions.begin(2, { address: "203.0.113.78", user_agent: null });
  await attempts.begin({ email: "ana.unmistakable@example.com", address: origin.address, device: null });
  for (const trace of ["ana.unmistakable", "Ana Unmistakable", "+4930555", "unmistakable-hash", "203.0.113.77"]) {
    assert.ok(test.filesHold(trace), trace);
  }
  assert.is(await accounts.erase(1), true);
  const traces = ["ana.unmistakable", "Ana Unmistakable", "+4930555", "unmistakable-hash", "203.0.113.77", "Anas br"];
  for (const trace of traces) assert.not(test.filesHold(trace), trace);
  assert.is(await accounts.get(1), null);
  assert.is(await links.find(token), null);
  assert.is(sessions.isAlive(session.session_id), null);
  assert.is((await sessions.rotate(refresh_token, origin)).kind, "unknown");
  const database = new Database(test.file, { readonly: true });
  for (const [table, rows] of Object.entries({ users: 1, links: 0, sessions: 1, attempts: 1 })) {
    assert.is(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), rows, table);
  }
  database.close();
  assert.is(await accounts.erase(1), true);
  assert.ok(test.filesHold("Bo Who Stays"));
  assert.ok(sessions.isAlive(bo.session.session_id));
});

it("says so where a reader keeps the file from being cut, and can be asked again", async () => {
  const { accounts } = test.vault;
  await accounts.create({ email: "ana.unmistakable@example.com", at });
  const reader = new Database(test.file);
  reader.exec("BEGIN; SELECT * FROM users");
  reader.prepare("SELECT * FROM users").all();
  const erased = accounts.erase(1);
  for (let turn = 0; turn < 110; turn += 1) await test.runtime.pass(50);
  assert.is(await erased, false);
  reader.close();
  assert.is(await accounts.erase(1), true);
  assert.not(test.filesHold("ana.unmistakable"));
});
