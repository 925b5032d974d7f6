import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { checkLedgerFile } from "../../src/audit/ledger-file.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("SQLite's check of a ledger's file");

/** What the check says of a ledger after somebody has run SQL on it. */
async function checkedAfter(sql: string): Promise<ReturnType<typeof checkLedgerFile>> {
  const data_dir = freshDirectory();
  await writeExampleHistory(data_dir);
  const file = join(data_dir, "ledger.db");
  const database = new Database(file);
  database.exec(sql);
  database.close();
  return checkLedgerFile(file);
}

it("finds nothing in a file as it was made, nor in what SQLite and people add to it", async () => {
  assert.equal(await checkedAfter(""), { faults: [], notes: [] });
  assert.equal(await checkedAfter("ANALYZE; CREATE INDEX mine ON events (type); VACUUM"), { faults: [], notes: [] });
});

it("notes which triggers are missing", async () => {
  const { faults, notes } = await checkedAfter("DROP TRIGGER events_are_never_changed");
  assert.equal(faults, []);
  assert.equal(notes, [
    "The triggers that keep people from changing the ledger by mistake are not all there: events_are_never_changed.",
  ]);
});

it("names a trigger, a table and an index that are defined otherwise, and what is gone", async () => {
  const { faults } = await checkedAfter(`
    DROP TRIGGER head_is_never_deleted;
    CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON head BEGIN SELECT 1; END;
    ALTER TABLE head RENAME COLUMN recorded_at TO recorded_At;
    DROP INDEX idempotency_by_age;
    CREATE INDEX idempotency_by_age ON idempotency (recorded_at DESC);
    DROP INDEX erasures`);
  assert.equal([...faults].sort(), [
    "the file has no index erasures any more",
    "the index idempotency_by_age is not defined any more as it was made",
    "the table head is not defined any more as it was made",
    "the trigger head_is_never_deleted is not defined any more as it was made",
    "the trigger head_only_moves_forward is not defined any more as it was made",
  ]);
});
