import * as assert from "uvu/assert";
import type { AccessEntry } from "../../src/access/access-log.ts";
import { KeyUses } from "../../src/access/key-uses.ts";
import { limits } from "../../src/config.ts";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { settled } from "../support/fake-runtime.ts";
import { suite } from "../support/suite.ts";

const it = suite("uses of keys");
let test: VaultUnderTest;
let uses: KeyUses;
let entries: AccessEntry[];
let troubles: string[];
let writes: number;
let isBroken: boolean;

it.before.each(async () => {
  test = vaultUnderTest();
  await test.vault.keys.create({ name: "ci", at: test.runtime.instant });
  await test.vault.keys.create({ name: "monitor", at: test.runtime.instant });
  [entries, troubles, writes, isBroken] = [[], [], 0, false];
  uses = openUses();
});
it.after.each(async () => {
  await uses.close();
  await test.close();
});

function openUses(): KeyUses {
  const { keys, key_networks } = test.vault;
  return new KeyUses({
    keys: {
      async noteUses(noted) {
        if (isBroken) throw new Error("the disk is full");
        writes += 1;
        await keys.noteUses(noted);
      },
    },
    networks: {
      async of(key_id) {
        if (isBroken) throw new Error("the disk is full");
        return key_networks.of(key_id);
      },
      add: (...network) => key_networks.add(...network),
    },
    access_log: { record: (entry) => entries.push(entry) },
    runtime: test.runtime,
    onTrouble: (what) => troubles.push(what),
  });
}

const told = () => entries.map(({ actor, address }) => `${actor} ${address}`);

it("are written once a minute for all keys, however often those are used", async () => {
  for (let count = 0; count < 600; count += 1) {
    uses.note("key:1", "192.0.2.1", "curl");
    uses.note("key:2", "192.0.2.2", undefined);
    await test.runtime.pass(200);
  }
  assert.is(writes, 2);
  const [first, second] = await test.vault.keys.list();
  assert.is(first?.last_used_from, "192.0.2.1");
  assert.is(second?.last_used_from, "192.0.2.2");
  assert.is(first?.last_used_at, new Date(test.runtime.now() - 200).toISOString());
});

it("are written when the service stops", async () => {
  uses.note("key:1", "192.0.2.1", undefined);
  await uses.close();
  assert.is((await test.vault.keys.get(1))?.last_used_at, test.runtime.instant);
});

it("are not written where nobody used a key, nor for who has none", async () => {
  for (const actor of ["user:1", "dialect:ucar", "cli", "clock", "key:x"]) uses.note(actor, "192.0.2.1", undefined);
  await test.runtime.pass(10 * 60_000);
  assert.is(writes, 0);
  assert.equal(entries, []);
});

it("are told from each network once, the administrator's too, and not again after a restart", async () => {
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.1", "2001:db8::1", "2001:db8::2", "192.0.2.2"]) {
    uses.note("key:1", address, "curl");
    uses.note("admin", "192.0.2.1", "curl");
  }
  await settled();
  const expected = ["key:1 192.0.2.1", "key:1 192.0.2.2", "key:1 2001:db8::1", "admin 192.0.2.1"];
  assert.equal(told().sort(), expected.sort());
  await uses.close();
  entries.length = 0;
  uses = openUses();
  for (const address of ["192.0.2.2", "2001:db8::7", "192.0.2.3"]) uses.note("key:1", address, "curl");
  uses.note("admin", "192.0.2.1", "curl");
  await settled();
  assert.equal(told(), ["key:1 192.0.2.3"]);
});

it("are told in the same moment once", async () => {
  for (let count = 0; count < 50; count += 1) {
    uses.note("key:1", "192.0.2.1", undefined);
    uses.note("key:1", "192.0.2.2", undefined);
  }
  await settled();
  assert.equal(told(), ["key:1 192.0.2.1", "key:1 192.0.2.2"]);
});

it("remember so many networks of a key and no more, in memory and in the vault", async () => {
  for (let count = 0; count < 3 * limits.key_networks; count += 1) {
    uses.note("key:1", `10.0.${count >> 7}.${count & 127}`, undefined);
    await settled();
    if (count % limits.key_networks_per_minute === limits.key_networks_per_minute - 1) await test.runtime.pass(60_000);
  }
  assert.is((await test.vault.key_networks.of(1)).length, limits.key_networks);
  assert.is(entries.length, 3 * limits.key_networks);
  uses.note("key:1", "10.0.0.0", undefined);
  await settled();
  assert.is(told().at(-1), "key:1 10.0.0.0");
});

it("write so often in a minute and no oftener, from however many places a key is used", async () => {
  for (let count = 0; count < 200; count += 1) uses.note("key:1", `10.0.1.${count}`, undefined);
  await settled();
  assert.is(entries.length, limits.key_networks_per_minute);
  assert.is((await test.vault.key_networks.of(1)).length, limits.key_networks_per_minute);
});

it("hinder nobody while the vault fails, and are told and written afterwards", async () => {
  isBroken = true;
  uses.note("key:1", "192.0.2.1", undefined);
  await test.runtime.pass(60_000);
  assert.equal(troubles, [
    "From where a key was used could not be noted.",
    "When keys were last used could not be written; it is tried again in a minute.",
  ]);
  assert.equal(entries, []);
  isBroken = false;
  await test.runtime.pass(60_000);
  assert.is(writes, 1);
  assert.is((await test.vault.keys.get(1))?.last_used_from, "192.0.2.1");
  uses.note("key:1", "192.0.2.1", undefined);
  await settled();
  assert.equal(told(), ["key:1 192.0.2.1"]);
});
