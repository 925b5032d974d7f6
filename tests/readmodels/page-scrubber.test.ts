import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { truncateWal } from "../../src/ledger/sqlite/truncate-wal.ts";
import { PageScrubber } from "../../src/readmodels/page-scrubber.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { seededRandom } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";

const it = suite("what is unused of a database file");

const secret = "zqsecret";

/** A database from which every secret was deleted, after its rows were spread over its pages again and again. */
function churned(seed: number): { file: string; database: Database.Database } {
  const file = join(temporaryDirectory(), "churned.db");
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("secure_delete = ON");
  database.exec("CREATE TABLE words (word TEXT PRIMARY KEY, said BLOB) STRICT, WITHOUT ROWID");
  const random = seededRandom(seed);
  const put = database.prepare("INSERT OR REPLACE INTO words VALUES (?, zeroblob(?))");
  for (let batch = 0; batch < 40; batch += 1) {
    database.transaction(() => {
      for (let row = 0; row < 200; row += 1) {
        const word = random().toString(36).slice(2, 10);
        put.run(random() < 0.02 ? `${word}${secret}` : word, Math.floor(random() * 20));
      }
    })();
  }
  database.exec(`DELETE FROM words WHERE word LIKE '%${secret}'`);
  assert.ok(truncateWal(database));
  return { file, database };
}

function holds(file: string): boolean {
  return readFileSync(file).includes(secret);
}

it("holds copies of deleted rows although SQLite deletes securely, and no more once it is scrubbed", () => {
  let leaks = 0;
  for (let seed = 1; seed <= 30; seed += 1) {
    const { file, database } = churned(seed);
    leaks += holds(file) ? 1 : 0;
    const rows = database.prepare("SELECT word, length(said) AS length FROM words").all();
    const scrubber = new PageScrubber(file);
    scrubber.scrub(database);
    assert.not.ok(holds(file), `seed ${seed}`);
    assert.equal(database.pragma("integrity_check", { simple: true }), "ok");
    assert.equal(database.prepare("SELECT word, length(said) AS length FROM words").all(), rows);
    // Pages that were in memory do not bring it back.
    database.exec("UPDATE words SET said = zeroblob(length(said) + 30)");
    assert.ok(truncateWal(database));
    assert.not.ok(holds(file), `seed ${seed}, written again`);
    database.close();
    scrubber.close();
  }
  assert.ok(leaks > 0, "SQLite left nothing behind: is the scrubber still needed?");
});
