import * as assert from "uvu/assert";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("the links by which people choose a password");
let test: VaultUnderTest;

it.before.each(() => {
  test = vaultUnderTest();
});
it.after.each(() => test.close());

const minute_ms = 60_000;
const day_ms = 24 * 60 * minute_ms;

it("work once", async () => {
  const { links } = test.vault;
  const { token, expires_at } = await links.make(7, "recovery");
  assert.match(token, /^il_link_[A-Za-z0-9_-]{43}$/);
  const link = { user_id: 7, purpose: "recovery", created_at: test.runtime.instant, expires_at };
  assert.equal(await links.find(token), link);
  assert.equal(await links.of(7, "recovery"), link);
  assert.equal(await links.take(token), link);
  assert.is(await links.take(token), null);
  assert.is(await links.find(token), null);
  assert.is(await links.of(7, "recovery"), null);
});

it("go to one of those who take them at once, in whatever process", async () => {
  const { links } = test.vault;
  const other = test.another();
  const { token } = await links.make(7, "invitation");
  const taken = await Promise.all([links, other.links, links, other.links].map((one) => one.take(token)));
  assert.is(taken.filter((link) => link !== null).length, 1);
});

it("last 10 minutes for a recovery and 7 days for an invitation", async () => {
  const { links } = test.vault;
  const recovery = await links.make(7, "recovery");
  const invitation = await links.make(7, "invitation");
  await test.runtime.pass(10 * minute_ms - 1);
  assert.ok(await links.find(recovery.token));
  await test.runtime.pass(1);
  assert.is(await links.find(recovery.token), null);
  assert.is(await links.take(recovery.token), null);
  await test.runtime.pass(7 * day_ms - 10 * minute_ms - 1);
  assert.ok(await links.find(invitation.token));
  await test.runtime.pass(1);
  assert.is(await links.take(invitation.token), null);
});

it("end when a newer one of that user and purpose is made, and no other does", async () => {
  const { links } = test.vault;
  const [old, invitation, neighbour] = [
    await links.make(7, "recovery"),
    await links.make(7, "invitation"),
    await links.make(8, "recovery"),
  ];
  const fresh = await links.make(7, "recovery");
  assert.is(await links.find(old.token), null);
  for (const { token } of [fresh, invitation, neighbour]) assert.ok(await links.find(token));
  await links.endAll(7);
  for (const { token } of [fresh, invitation]) assert.is(await links.find(token), null);
  assert.ok(await links.find(neighbour.token));
});

it("are nowhere in the vault, only their hashes", async () => {
  const { token } = await test.vault.links.make(7, "recovery");
  assert.not(test.filesHold(token.slice(8)));
});

it("are not found by anything else", async () => {
  const { links } = test.vault;
  const { token } = await links.make(7, "recovery");
  for (const wrong of [
    "",
    "il_link_",
    token.slice(0, -1),
    `${token}A`,
    token.toUpperCase(),
    ` ${token}`,
    token.slice(8),
  ]) {
    assert.is(await links.find(wrong), null, wrong);
    assert.is(await links.take(wrong), null, wrong);
  }
});
