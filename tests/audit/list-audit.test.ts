import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { auditList } from "../../src/audit/list-audit.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("read.db compared with the ledger");
let good = "";

it.before(async () => {
  good = freshDirectory();
  await writeExampleHistory(good, 6);
});

/** Audits a copy of the list that was changed by SQL. */
async function auditAfter(change: string) {
  const file = join(freshDirectory(good), "read.db");
  const database = new Database(file);
  database.exec(change);
  database.close();
  return audit(file);
}

async function audit(file: string) {
  const ledger = openSqliteLedger({ file: join(good, "ledger.db"), readonly: true });
  try {
    return await auditList(file, ledger, 13);
  } finally {
    await ledger.close();
  }
}

it("is a fresh fold, row by row", async () => {
  const { rows, faults, note } = await audit(join(good, "read.db"));
  assert.equal({ faults, note }, { faults: [], note: null });
  assert.is(rows, 12);
});

it("shows rows that are missing, damaged or too many", async () => {
  const missing = await auditAfter("DELETE FROM incidents WHERE number = 3; DELETE FROM states WHERE number = 3");
  assert.match(missing.faults.join(), "read.db, incident 3: it is missing");
  const half = await auditAfter("DELETE FROM states WHERE number = 3");
  assert.match(half.faults.join(), "read.db, incident 3: its row is damaged");
  const other = await auditAfter("DELETE FROM incidents WHERE number = 3");
  assert.match(other.faults.join(), "read.db, incident 3: only half of its row is there");
  const damaged = await auditAfter(
    "UPDATE states SET state = replace(state, 'smokes', 'sings'), checksum = checksum + 1",
  );
  assert.ok(damaged.faults.every((fault) => fault.endsWith("its row is damaged")));
  assert.is(damaged.faults.length, 12);
  const copied = await auditAfter(`
    INSERT INTO incidents SELECT 99, status, open, severity, team, assigned_to, type, source, timestamp, reported_at
      FROM incidents WHERE number = 1;
    INSERT INTO states SELECT 99, state, checksum FROM states WHERE number = 1`);
  assert.match(copied.faults.join(), "read.db, incident 99: it is there, and should not be");
});

it("shows labels that are missing or too many", async () => {
  const missing = await auditAfter("DELETE FROM labels");
  assert.match(missing.faults.join(), "its labels are not those that are searched");
  const extra = await auditAfter("INSERT INTO labels VALUES ('service', 'other', 1)");
  assert.is(extra.faults.join(), "read.db, incident 1: its labels are not those that are searched");
});

it("shows words by which an incident is found, or is not, against what its texts say", async () => {
  const wrong = "read.db, incidents 1 to 4095: their words are not those that are searched";
  for (const change of [
    "DELETE FROM words WHERE word = 'thank'",
    "DELETE FROM words WHERE field = 3",
    "UPDATE words SET word = 'sings' WHERE word = 'thank'",
    "UPDATE words SET places = (SELECT places FROM words ORDER BY word LIMIT 1) WHERE word = 'thank'",
    "UPDATE words SET spots = (SELECT spots FROM words ORDER BY word LIMIT 1) WHERE word = 'thank'",
    "INSERT INTO words SELECT block, 'extra', field, places, spots FROM words WHERE word = 'thank'",
  ]) {
    assert.is((await auditAfter(change)).faults.join(), wrong, change);
  }
  const far = await auditAfter("INSERT INTO words VALUES (7, 'x', 0, x'00', x'00')");
  assert.is(far.faults.join(), "read.db, incidents 28672 to 32767: their words are not those that are searched");
});

it("shows comments that are missing, changed or too many", async () => {
  const wrong = "its comments are not those that its events up to position";
  for (const change of [
    "DELETE FROM comments",
    "UPDATE comments SET text = text || '!'",
    "INSERT INTO comments SELECT 999, number, end, text, checksum FROM comments LIMIT 1",
  ]) {
    assert.match((await auditAfter(change)).faults.join(), wrong, change);
  }
  const stray = await auditAfter("INSERT INTO comments VALUES (999, 5000, 1, 'x', 1)");
  assert.match(stray.faults.join(), "read.db, incident 5000: it has comments, and should not be there");
});

it("shows a list that was folded from another ledger, or further than the ledger goes", async () => {
  const foreign = await auditAfter("UPDATE checkpoint SET hash = replace(hash, 'a', 'b')");
  assert.match(foreign.faults.join(), "read.db was folded from a ledger whose hash at position");
  const further = await auditAfter("UPDATE checkpoint SET position = position + 1");
  assert.match(further.faults.join(), "which the ledger does not have");
});

it("is not possible for a list of another build or one that is being built, which is nothing wrong", async () => {
  const older = await auditAfter("PRAGMA user_version = 999");
  assert.equal(older.faults, []);
  assert.match(older.note ?? "", "not one of this build");
  const building = await auditAfter("UPDATE checkpoint SET complete = 0");
  assert.equal(building.faults, []);
  assert.match(building.note ?? "", "still being built");
});

it("shows ordinals of a team's incidents that are missing, changed or too many", async () => {
  const first = "read.db, team default, ordinal 1: it is of incident";
  const cases = [
    ["DELETE FROM ordinals WHERE ordinal = 1", `${first} none, and should be of 1`],
    ["UPDATE ordinals SET number = 900 WHERE ordinal = 1", `${first} 900, and should be of 1`],
    ["DELETE FROM ordinals", `${first} none, and should be of 1`],
    ["INSERT INTO ordinals VALUES ('other', 1, 1)", "read.db, team other, ordinal 1: it is of incident 1"],
    ["INSERT INTO ordinals VALUES ('default', 9007199254740991, 99)", "it is of incident 99, and should be of none"],
  ] as const;
  for (const [change, fault] of cases) assert.match((await auditAfter(change)).faults.join(), fault, change);
});
