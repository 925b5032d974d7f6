import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { openVault } from "../../src/access/vault.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { writeExampleLedger } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("migrate");
const patience = { timeout_ms: 90_000 };

it(
  "tell which versions there are, and refuse newer ones",
  async () => {
    const [data_dir, newer] = [freshDirectory(), freshDirectory()];
    await writeExampleLedger(data_dir, 0);
    const database = new Database(join(newer, "ledger.db"));
    database.pragma(`application_id = ${0x494c6467}`);
    database.pragma("user_version = 99");
    database.exec("CREATE TABLE anything (x)");
    database.close();
    const [present, status, refused] = await Promise.all([
      runCli(["migrate", "--status", "--data-dir", data_dir]),
      runCli(["migrate", "--status", "--data-dir", newer]),
      runCli(["migrate", "--data-dir", newer]),
    ]);
    assert.is(present.code, 0);
    assert.match(present.stdout, /ledger\.db +1 +1 +as this build writes it/);
    assert.match(present.stdout, "Nothing is to be migrated.");
    assert.is(refused.code, 2);
    assert.match(refused.stderr, "ledger.db is of version 99, of which this build knows 1");
    assert.is(status.code, 1);
    assert.match(status.stdout, /ledger\.db +99 +1 +newer/);
  },
  patience,
);

it(
  "tell of a vault of an older build, which the next start brings up to date with its keys",
  async () => {
    const data_dir = freshDirectory();
    await writeExampleLedger(data_dir, 0);
    const file = join(data_dir, "vault.db");
    const key = await oldVault(file);
    const before = await runCli(["migrate", "--status", "--data-dir", data_dir]);
    assert.is(before.code, 0, before.stderr);
    assert.match(before.stdout, /vault\.db +1 +4 +to be upgraded/);
    assert.match(before.stdout, "The service brings vault.db from version 1 to 4 at its next start");
    const vault = openVault({ file, runtime: systemRuntime() });
    assert.equal(await vault.keys.find(key), { key_id: 1, name: "old", dialect: null });
    await vault.close();
    const after = await runCli(["migrate", "--status", "--data-dir", data_dir]);
    assert.match(after.stdout, /vault\.db +4 +4 +as this build writes it/);
  },
  patience,
);

/** A vault as the build before this one wrote it, with a key. */
async function oldVault(file: string): Promise<string> {
  const vault = openVault({ file, runtime: systemRuntime() });
  const { key } = await vault.keys.create({ name: "old", at: "2026-01-31T09:15:00.000Z" });
  await vault.close();
  const database = new Database(file);
  for (const column of ["dialect", "previous_hash", "last_used_at", "last_used_from", "is_from_before"]) {
    database.exec(`ALTER TABLE keys DROP COLUMN ${column}`);
  }
  for (const table of ["users", "links", "sessions", "signing_keys", "attempts", "access_log", "key_networks"]) {
    database.exec(`DROP TABLE ${table}`);
  }
  database.pragma("user_version = 1");
  database.close();
  return key;
}
