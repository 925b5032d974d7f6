import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { KeptList } from "../support/readmodels/kept-list.ts";
import { RandomHistory, seededRandom } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";

const it = suite("the list in read.db");

it("is built when it is missing, and kept when it is there", async () => {
  const place = await KeptList.grown(1);
  assert.match(await place.visit(), /there is none/);
  assert.is(await place.visit(), "");
  await place.grow(50);
  assert.is(await place.visit(), "");
  assert.not.ok(existsSync(`${place.read_db}.new`));
});

it("is built anew when its file is no list, of another version, of another ledger, or ahead of the ledger", async () => {
  const place = await KeptList.grown(2);
  await place.visit();
  const other = await KeptList.grown(3);
  await other.visit();

  writeFileSync(place.read_db, "this is no database, but long enough to be taken for one".repeat(100));
  assert.match(await place.visit(), /not a database/);
  place.alter("PRAGMA user_version = 99");
  assert.match(await place.visit(), /schema is of version 99/);
  place.alter("UPDATE checkpoint SET fold_version = 0");
  assert.match(await place.visit(), /folded by version 0/);
  place.alter("UPDATE checkpoint SET complete = 0");
  assert.match(await place.visit(), /tables are other ones/);
  place.alter("DROP INDEX by_team");
  assert.match(await place.visit(), /tables are other ones/);
  place.alter("DELETE FROM states WHERE number IN (SELECT max(number) FROM states)");
  assert.match(await place.visit(), /lost a half/);
  place.alter("DELETE FROM checkpoint");
  assert.match(await place.visit(), /folded by version undefined/);
  truncateSync(place.read_db, 20_000);
  assert.match(await place.visit(), /malformed|damaged/);
  copyFileSync(other.read_db, place.read_db);
  assert.match(await place.visit(), /another ledger/);
  place.alter("UPDATE checkpoint SET position = position + 1");
  assert.match(await place.visit(), /another ledger/);
  await place.ledger.close();
  rmSync(place.ledger_file);
  for (const part of ["-wal", "-shm"]) rmSync(`${place.ledger_file}${part}`, { force: true });
  place.ledger = place.openLedger();
  place.history = new RandomHistory(place.ledger, 4);
  await place.grow(50);
  assert.match(await place.visit(), /another ledger/);
});

it("goes on with a build that was interrupted", async () => {
  const place = await KeptList.grown(5);
  await place.visit();
  await place.grow(50);
  place.alter(
    "UPDATE checkpoint SET complete = 0",
    "DELETE FROM labels",
    ...["by_status", "by_open", "by_severity_alone", "by_team", "by_assigned_to", "by_type", "by_source"].map(drop),
    ...["by_severity", "by_timestamp", "open_by_severity", "open_by_timestamp", "pending_by_team"].map(drop),
  );
  copyFileSync(place.read_db, `${place.read_db}.new`);
  rmSync(place.read_db);
  assert.match(await place.visit(), /there is none/);
  assert.is(await place.visit(), "");
});

it("never shows a row that is not as it was written: it is folded anew", async () => {
  const place = await KeptList.grown(6);
  await place.visit();
  const [a, b, c, d, e] = await place.numbers();
  place.alter(
    `UPDATE states SET state = replace(state, '"severity":', '"severity":1') WHERE number = ${a}`,
    `UPDATE states SET checksum = checksum + 1 WHERE number = ${b}`,
    `UPDATE incidents SET assigned_to = 'Mallory' WHERE number = ${c}`,
    `UPDATE incidents SET severity = severity % 5 + 1 WHERE number = ${d}`,
    `UPDATE states SET state = '' WHERE number = ${e}`,
  );
  assert.is(await place.visit(), `repaired ${a} repaired ${b} repaired ${c} repaired ${d} repaired ${e}`);
  assert.is(await place.visit(), "");
});

it(
  "is right whatever bytes of its file are changed while nobody has it open",
  async () => {
    const place = await KeptList.grown(8, 200);
    await place.visit();
    const whole = readFileSync(place.read_db);
    const random = seededRandom(99);
    for (let round = 0; round < 25; round += 1) {
      const damaged = Buffer.from(whole);
      const places = 1 + Math.floor(random() * 8);
      for (let flipped = 0; flipped < places; flipped += 1) {
        const at = Math.floor(random() * damaged.length);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      writeFileSync(place.read_db, damaged);
      await place.visit();
    }
  },
  { timeout_ms: 60_000 },
);

function drop(index: string): string {
  return `DROP INDEX ${index}`;
}
