import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
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
