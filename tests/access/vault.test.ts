import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { isKey, keyOf } from "../../src/access/api-key.ts";
import { openVault, type Vault } from "../../src/access/vault.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const at = "2026-01-31T09:15:00.000Z";
const later = "2026-01-31T09:16:00.000Z";

const it = suite("the vault");
let file: string;
let vault: Vault;

it.before.each(() => {
  file = join(temporaryDirectory(), "data", "vault.db");
  vault = openVault({ file, runtime: systemRuntime() });
});
it.after.each(() => vault.close());

it("is for its owner only, with all its files", async () => {
  await vault.keys.create({ name: "ci", at });
  const directory = join(file, "..");
  assert.ok(readdirSync(directory).length >= 3);
  for (const name of readdirSync(directory)) assert.is(statSync(join(directory, name)).mode & 0o777, 0o600, name);
  await vault.close();
  chmodSync(file, 0o644);
  vault = openVault({ file, runtime: systemRuntime() });
  assert.is(statSync(file).mode & 0o777, 0o600);
});

it("makes a secret when it is first asked for and keeps it", async () => {
  const secret = await vault.secret("idempotency");
  assert.is(secret.length, 32);
  assert.equal(await vault.secret("idempotency"), secret);
  assert.not.equal(await vault.secret("another"), secret);
  const other = openVault({ file, runtime: systemRuntime() });
  assert.equal(await other.secret("idempotency"), secret);
  await other.close();
});

it("hands out secrets as copies", async () => {
  const secret = await vault.secret("idempotency");
  const before = Buffer.from(secret);
  secret.fill(0);
  assert.equal(await vault.secret("idempotency"), before);
});

it("makes keys numbered 1, 2, 3 and finds their owners", async () => {
  const first = await vault.keys.create({ name: "ci", at });
  const second = await vault.keys.create({ name: "monitor", at });
  assert.equal([first.key_id, second.key_id], [1, 2]);
  assert.match(first.key, /^il_[A-Za-z0-9_-]{49}$/);
  assert.equal(await vault.keys.find(first.key), { key_id: 1, name: "ci", dialect: null });
  assert.equal(await vault.keys.find(second.key), { key_id: 2, name: "monitor", dialect: null });
});

it("finds nothing for what is no key of ours", async () => {
  const { key } = await vault.keys.create({ name: "ci", at });
  const foreign = keyOf(systemRuntime().random(32));
  const mistyped = key.slice(0, 10) + (key[10] === "A" ? "B" : "A") + key.slice(11);
  assert.ok(isKey(foreign));
  assert.not(isKey(mistyped));
  for (const presented of [
    foreign,
    mistyped,
    "",
    "il_",
    `${key} `,
    key.slice(0, -1),
    key.toUpperCase(),
    "ä".repeat(52),
  ]) {
    assert.is(await vault.keys.find(presented), null, presented);
  }
});

it("stores no key, only its hash", async () => {
  const { key } = await vault.keys.create({ name: "ci", at });
  const directory = join(file, "..");
  for (const name of readdirSync(directory)) {
    assert.not(readFileSync(join(directory, name)).includes(key.slice(0, 20)), name);
  }
});

it("no longer knows a revoked key, and lists it still", async () => {
  const { key_id, key } = await vault.keys.create({ name: "ci", at });
  assert.ok(await vault.keys.find(key));
  assert.is(await vault.keys.revoke(key_id, later), true);
  assert.is(await vault.keys.revoke(key_id, later), false);
  assert.is(await vault.keys.revoke(99, later), false);
  assert.is(await vault.keys.find(key), null);
  // Whose it was is known all the same.
  assert.is(await vault.keys.ownerOf(key), key_id);
  assert.is(await vault.keys.ownerOf(keyOf(new Uint8Array(32).fill(9))), null);
  assert.is(await vault.keys.ownerOf("il_nobody"), null);
  assert.equal(await vault.keys.list(), [
    {
      key_id: 1,
      name: "ci",
      created_at: at,
      revoked_at: later,
      dialect: null,
      is_rotating: false,
      last_used_at: null,
      last_used_from: null,
    },
  ]);
});

it("learns at once of keys that another process makes and revokes", async () => {
  const other = openVault({ file, runtime: systemRuntime() });
  const { key_id, key } = await other.keys.create({ name: "ci", at });
  assert.equal(await vault.keys.find(key), { key_id, name: "ci", dialect: null });
  await other.keys.revoke(key_id, later);
  assert.is(await vault.keys.find(key), null);
  await other.close();
});

it("knows for which dialect a key is", async () => {
  const { key } = await vault.keys.create({ name: "old clients", at, dialect: "ucar" });
  assert.equal(await vault.keys.find(key), { key_id: 1, name: "old clients", dialect: "ucar" });
  assert.equal(
    (await vault.keys.list()).map(({ dialect }) => dialect),
    ["ucar"],
  );
});

it("never uses a key's number again", async () => {
  await vault.keys.create({ name: "ci", at });
  await vault.keys.create({ name: "gone", at });
  const database = new Database(file);
  database.exec("DELETE FROM keys WHERE key_id = 2");
  database.close();
  assert.is((await vault.keys.create({ name: "new", at })).key_id, 3);
});

it("refuses a name that is empty or too long", async () => {
  for (const name of ["", "x".repeat(201)]) {
    const failure = await vault.keys.create({ name, at }).catch((error: unknown) => error);
    assert.instance(failure, RangeError);
  }
});

it("is not taken for another file", () => {
  const database = new Database(join(temporaryDirectory(), "x.db"));
  database.exec("CREATE TABLE mine (x)");
  const other = database.name;
  database.close();
  assert.throws(() => openVault({ file: other, runtime: systemRuntime() }), /is not a vault of Incident Ledger/);
});

it("gives no number that is on record already, though it has never had it", async () => {
  assert.is((await vault.keys.create({ name: "ci", at, above: 41 })).key_id, 42);
  assert.is((await vault.keys.create({ name: "ci", at })).key_id, 43);
  assert.is(await vault.accounts.create({ email: "ana@example.com", at, above: 6 }), 7);
  assert.is(await vault.accounts.create({ email: "bo@example.com", at, above: 6 }), 8);
});

it("belongs to the first ledger that asks, and to no other", async () => {
  assert.equal(
    [await vault.belongsTo("one"), await vault.belongsTo("two"), await vault.belongsTo("one")],
    [true, false, true],
  );
});
