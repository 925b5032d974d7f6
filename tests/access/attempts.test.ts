import * as assert from "uvu/assert";
import type { Attempt } from "../../src/access/attempts.ts";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("attempts to sign in");
let test: VaultUnderTest;

it.before.each(() => {
  test = vaultUnderTest();
});
it.after.each(() => test.close());

const owner: Attempt = { email: "ana@example.com", address: "192.0.2.1", device: null };
const thief: Attempt = { ...owner, address: "203.0.113.9" };

/** Fails until it is told to wait; says how often it could fail, and how long the wait is. */
async function fail(attempt: Attempt, times = Number.POSITIVE_INFINITY): Promise<{ failures: number; wait_s: number }> {
  for (let failures = 0; failures < times; failures += 1) {
    const admission = await test.vault.attempts.begin(attempt);
    if (admission.kind === "throttled") return { failures, wait_s: admission.retry_after_seconds };
  }
  return { failures: times, wait_s: 0 };
}

it("are free five times, then wait twice as long after each, up to a quarter of an hour", async () => {
  assert.equal(await fail(owner), { failures: 5, wait_s: 1 });
  const waits = [];
  for (let count = 0; count < 12; count += 1) {
    const { wait_s } = await fail(owner);
    waits.push(wait_s);
    await test.runtime.pass(wait_s * 1000 - 1);
    assert.is((await test.vault.attempts.begin(owner)).kind, "throttled");
    await test.runtime.pass(1);
    assert.is((await test.vault.attempts.begin(owner)).kind, "admitted");
  }
  assert.equal(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

it("do not wait longer for asking again meanwhile", async () => {
  await fail(owner);
  for (let count = 0; count < 100; count += 1) await test.vault.attempts.begin(owner);
  assert.equal(await fail(owner), { failures: 0, wait_s: 1 });
});

it("count before they have failed, so that many at once get no more than many in a row", async () => {
  const admissions = await Promise.all(Array.from({ length: 100 }, () => test.vault.attempts.begin(owner)));
  assert.is(admissions.filter(({ kind }) => kind === "admitted").length, 5);
});

it("from elsewhere never hinder the owner", async () => {
  for (let host = 1; host <= 50; host += 1) await fail({ ...thief, address: `203.0.113.${host}` });
  assert.is((await test.vault.attempts.begin(owner)).kind, "admitted");
});

it("are free again after one that succeeded", async () => {
  await fail(owner, 4);
  await test.vault.attempts.begin(owner);
  await test.vault.attempts.succeeded(owner);
  assert.is((await fail(owner)).failures, 5);
});

it("on many accounts from one network wait after thirty, whatever the account", async () => {
  for (let count = 0; count < 30; count += 1) await fail({ ...thief, email: `user${count}@example.com` }, 1);
  assert.equal(await fail({ ...thief, email: "nobody-yet@example.com" }), { failures: 0, wait_s: 1 });
  assert.is((await test.vault.attempts.begin(owner)).kind, "admitted");
  const ipv6 = { ...thief, address: "2001:db8:0:1::1" };
  for (let count = 0; count < 30; count += 1) {
    await fail({ ...ipv6, email: `user${count}@example.com`, address: `2001:db8:0:1::${count}` }, 1);
  }
  assert.is((await test.vault.attempts.begin({ ...ipv6, address: "2001:db8:0:1:f::2" })).kind, "throttled");
  assert.is((await test.vault.attempts.begin({ ...ipv6, address: "2001:db8:0:2::1" })).kind, "admitted");
});

it("on other accounts from a network do not hinder one that was signed in from it before", async () => {
  await test.vault.attempts.begin(owner);
  await test.vault.attempts.succeeded(owner);
  for (let count = 0; count < 40; count += 1) {
    await fail({ ...owner, email: `user${count}@example.com` }, 1);
  }
  assert.is((await test.vault.attempts.begin({ ...owner, email: "bo@example.com" })).kind, "throttled");
  assert.is((await test.vault.attempts.begin(owner)).kind, "admitted");
});

it("that succeed are not held against their network", async () => {
  for (let count = 0; count < 60; count += 1) {
    const attempt = { ...owner, email: `user${count}@example.com` };
    assert.is((await test.vault.attempts.begin(attempt)).kind, "admitted");
    await test.vault.attempts.succeeded(attempt);
  }
});

it("that succeed are not held against their network after a long pause either", async () => {
  const office = Array.from({ length: 40 }, (_, count) => ({ ...owner, email: `user${count}@example.com` }));
  for (const pause_ms of [0, 31 * 24 * 60 * 60_000]) {
    test.runtime.sleepThrough(pause_ms);
    for (const attempt of office) {
      assert.is((await test.vault.attempts.begin(attempt)).kind, "admitted", attempt.email);
      await test.vault.attempts.succeeded(attempt);
    }
  }
});

it("of a neighbour behind the same address do not hinder a device that is known", async () => {
  await fail(owner);
  const known = { ...owner, device: "a-device" };
  assert.equal(await fail(known), { failures: 5, wait_s: 1 });
});

it("that were not made for want of room do not count", async () => {
  for (let count = 0; count < 50; count += 1) {
    assert.is((await test.vault.attempts.begin(owner)).kind, "admitted");
    await test.vault.attempts.undo(owner);
  }
});

it("are forgotten after a day", async () => {
  await fail(owner);
  await test.runtime.pass(24 * 60 * 60_000);
  assert.is((await fail(owner)).failures, 5);
});

it("make nobody wait for ever when the clock is set back", async () => {
  await fail(owner);
  test.runtime.setWallClock("2020-01-01T00:00:00.000Z");
  assert.ok((await fail(owner)).wait_s <= 1);
  await test.runtime.pass(1000);
  test.runtime.setWallClock("2030-01-01T00:00:00.000Z");
  assert.is((await fail(owner)).failures, 5);
});

it("are kept for accounts that do not exist as for others, without any address in the vault", async () => {
  assert.equal(await fail({ ...owner, email: "nobody.at.all@example.com" }), { failures: 5, wait_s: 1 });
  assert.equal(await fail({ ...owner, email: "  NOBODY.at.all@EXAMPLE.com", address: "192.0.2.1" }), {
    failures: 0,
    wait_s: 1,
  });
  assert.not(test.filesHold("nobody.at.all"));
  assert.not(test.filesHold("192.0.2.1"));
});
