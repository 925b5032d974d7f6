import * as assert from "uvu/assert";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("the keys that sign access tokens");
let test: VaultUnderTest;

it.before.each(() => {
  test = vaultUnderTest();
});
it.after.each(() => test.close());

const minute_ms = 60_000;
const day_ms = 24 * 60 * minute_ms;
const secret = "a-secret-of-at-least-32-characters";
const newer = "another-secret-of-32-characters-or-more";

it("are made when they are first needed, the same for all who open the vault", async () => {
  const key = await test.vault.signing_keys.current();
  assert.is(key.key.length, 32);
  assert.equal(await test.vault.signing_keys.current(), key);
  assert.equal((await test.another().signing_keys.current()).key, key.key);
  assert.equal(await test.vault.signing_keys.verifying(key.kid), key.key);
  assert.is(await test.vault.signing_keys.verifying("unknown"), null);
});

it("are nowhere in the vault when the secret is configured", async () => {
  await test.vault.signing_keys.configure([secret]);
  const { key } = await test.vault.signing_keys.current();
  assert.not(test.filesHold(Buffer.from(key).toString("latin1")));
  assert.not(test.filesHold(secret));
});

it("are replaced after 30 days, and verify for an hour more", async () => {
  const { signing_keys } = test.vault;
  const old = await signing_keys.current();
  await test.runtime.pass(30 * day_ms - 1);
  assert.is((await signing_keys.current()).kid, old.kid);
  await test.runtime.pass(1);
  const fresh = await signing_keys.current();
  assert.is.not(fresh.kid, old.kid);
  assert.not.equal(fresh.key, old.key);
  await test.runtime.pass(60 * minute_ms - 1);
  assert.equal(await signing_keys.verifying(old.kid), old.key);
  await test.runtime.pass(1);
  assert.is(await signing_keys.verifying(old.kid), null);
  assert.equal(await signing_keys.verifying(fresh.kid), fresh.key);
});

it("are replaced when a secret is configured; the vault's own still verifies", async () => {
  const { signing_keys } = test.vault;
  const old = await signing_keys.current();
  await test.runtime.pass(1000);
  await signing_keys.configure([secret]);
  const fresh = await signing_keys.current();
  assert.is.not(fresh.kid, old.kid);
  assert.equal(await signing_keys.verifying(old.kid), old.key);
  await test.runtime.pass(60 * minute_ms);
  assert.is(await signing_keys.verifying(old.kid), null);
});

it("verify after the secret has changed as long as the old one is named behind the new one", async () => {
  const { signing_keys } = test.vault;
  await signing_keys.configure([secret]);
  const old = await signing_keys.current();
  await signing_keys.configure([newer, secret]);
  const fresh = await signing_keys.current();
  assert.is.not(fresh.kid, old.kid);
  assert.equal(await signing_keys.verifying(old.kid), old.key);
  await signing_keys.configure([newer]);
  assert.is((await signing_keys.current()).kid, fresh.kid);
  assert.is(await signing_keys.verifying(old.kid), null);
});

it("differ between vaults that have the same secret", async () => {
  const other = vaultUnderTest();
  for (const { vault } of [test, other]) await vault.signing_keys.configure([secret]);
  const [mine, theirs] = [await test.vault.signing_keys.current(), await other.vault.signing_keys.current()];
  assert.not.equal(mine.key, theirs.key);
  await other.close();
});

it("follow at once when another process has made a new one", async () => {
  const { signing_keys } = test.vault;
  await signing_keys.current();
  await test.runtime.pass(1000);
  const other = test.another().signing_keys;
  await other.configure([secret]);
  const { kid } = await other.current();
  await signing_keys.configure([secret]);
  assert.is((await signing_keys.current()).kid, kid);
  assert.equal(await signing_keys.verifying(kid), (await other.current()).key);
});

it("are the newest even when the clock was set back", async () => {
  const { signing_keys } = test.vault;
  const old = await signing_keys.current();
  test.runtime.setWallClock("2020-01-01T00:00:00.000Z");
  await signing_keys.configure([secret]);
  const fresh = await signing_keys.current();
  assert.is.not(fresh.kid, old.kid);
  await signing_keys.configure([secret]);
  assert.is((await signing_keys.current()).kid, fresh.kid);
});
