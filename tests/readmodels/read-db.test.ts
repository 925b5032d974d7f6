import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { incidentStream } from "../../events/stream.ts";
import { parseSearch } from "../../src/readmodels/search/search-query.ts";
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

it("is not built again where a crash came just before it was put in its place", async () => {
  const place = await KeptList.grown(10);
  await place.visit();
  renameSync(place.read_db, `${place.read_db}.new`);
  await place.grow(50);
  assert.is(await place.visit(), "");
  assert.not.ok(existsSync(`${place.read_db}.new`));
  assert.is(await place.visit(), "");
});

it("is built again where what was not yet put in its place is damaged", async () => {
  const place = await KeptList.grown(11);
  await place.visit();
  place.alter("DROP INDEX by_team");
  renameSync(place.read_db, `${place.read_db}.new`);
  assert.match(await place.visit(), /there is none/);
  assert.is(await place.visit(), "");
});

it("keeps nothing of a build that nobody needs any more", async () => {
  const place = await KeptList.grown(12);
  await place.visit();
  copyFileSync(place.read_db, `${place.read_db}.new`);
  assert.is(await place.visit(), "");
  assert.not.ok(existsSync(`${place.read_db}.new`));
});

/** A list with one incident of this title among others, folded. */
async function withTitle(title: string): Promise<{ place: KeptList; number: number; position: number }> {
  const place = await KeptList.grown(13, 100);
  await place.history.append(place.history.report({}, { title }));
  const { position, incidents: number } = place.history;
  await place.visit();
  assert.not.equal(holding(place, title), []);
  return { place, number, position: position - 1 };
}

function holding({ data_dir }: KeptList, needle: string): string[] {
  return readdirSync(data_dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(needle));
}

async function erase({ history }: KeptList, number: number, erased: number): Promise<void> {
  await history.append([{ type: "text.erased", stream: incidentStream(number), data: { erased, incident: number } }]);
}

it("holds nothing of an erased text any more, in none of its files", async () => {
  // Long enough for pages of its own, so that some of them are freed.
  const secret = "a name that is to be forgotten ".repeat(300).slice(0, 9000).trim();
  const { place, number, position } = await withTitle(secret.slice(0, 400));
  await place.history.append([
    { type: "incident.edited", stream: incidentStream(number), data: {}, text: { description: secret } },
  ]);
  const edited = place.history.position;
  const list = place.openThread();
  try {
    await place.compare(list);
    assert.not.equal(holding(place, "to be forgotten"), []);
    await erase(place, number, position);
    await erase(place, number, edited);
    await place.compare(list);
    assert.equal(holding(place, "to be forgotten"), []);
  } finally {
    await list.close();
  }
  assert.equal(holding(place, "to be forgotten"), []);
});

it("holds no word of an erased title, description or comment any more, so that nobody can search for it", async () => {
  const { place, number, position } = await withTitle("Zquxalpha fell");
  const stream = incidentStream(number);
  const texts = ["a comment by Zquxbeta", "again 機密情報漏"];
  for (const text of texts)
    await place.history.append([{ type: "incident.commented", stream, data: {}, text: { text } }]);
  const commented = place.history.position;
  await place.history.append([
    { type: "incident.edited", stream, data: {}, text: { description: "described by Zquxgamma-9 and Zquxgamma-7" } },
  ]);
  const list = place.openThread();
  try {
    await place.compare(list);
    await place.grow(30);
    for (const needle of ["zquxalpha", "zquxbeta", "zquxgamma", "機密"]) assert.not.equal(holding(place, needle), []);
    for (const erased of [position, commented - 1, commented, commented + 1]) await erase(place, number, erased);
    await place.compare(list);
    for (const needle of ["zqux", "Zqux", "機密", "密情"]) assert.equal(holding(place, needle), [], needle);
  } finally {
    await list.close();
  }
});

it("gets rid of an erased text with the next batch where a reader was in the way", async () => {
  const { place, number, position } = await withTitle("a name that is to be forgotten");
  const list = place.openThread();
  const reader = new Database(place.read_db, { readonly: true });
  try {
    await place.compare(list);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM states").get();
    await erase(place, number, position);
    await place.compare(list);
    assert.not.equal(holding(place, "to be forgotten"), []);
    reader.exec("COMMIT");
    await place.grow(1);
    await place.compare(list);
    assert.equal(holding(place, "to be forgotten"), []);
  } finally {
    reader.close();
    await list.close();
  }
});

it("gets rid of an erased text at the next start where a crash came before", async () => {
  const { place, number, position } = await withTitle("a name that is to be forgotten");
  const list = place.openThread();
  await place.compare(list);
  const reader = new Database(place.read_db, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM states").get();
  await erase(place, number, position);
  await place.compare(list);
  const parts = [place.read_db, `${place.read_db}-wal`];
  const left = parts.map((part) => readFileSync(part));
  reader.close();
  await list.close();
  for (const [index, part] of parts.entries()) writeFileSync(part, left[index] ?? "");
  assert.not.equal(holding(place, "to be forgotten"), []);
  const again = place.openThread();
  await place.compare(again);
  assert.equal(holding(place, "to be forgotten"), []);
  await again.close();
});

it("is for its owner only, as the snapshots are, in a directory that everybody may read", async () => {
  const place = await KeptList.grown(14);
  chmodSync(place.data_dir, 0o755);
  const umask = process.umask(0o022);
  try {
    const list = place.openThread();
    await place.compare(list);
    assert.is(await list.snapshot(), true);
    const modes = (): Record<string, number> =>
      Object.fromEntries(
        readdirSync(place.data_dir)
          .filter((name) => name.startsWith("read.db") || name === "snapshots")
          .map((name) => [name, statSync(join(place.data_dir, name)).mode & 0o777]),
      );
    assert.equal(modes(), { "read.db": 0o600, "read.db-shm": 0o600, "read.db-wal": 0o600, snapshots: 0o700 });
    await list.close();
    chmodSync(place.read_db, 0o644);
    chmodSync(join(place.data_dir, "snapshots"), 0o755);
    await place.grow(10);
    await place.visit();
    assert.equal(modes()["read.db"], 0o600);
    const again = place.openThread();
    assert.ok(await again.waitFor(place.history.position, 10_000));
    assert.is(await again.snapshot(), true);
    await again.close();
    assert.equal(modes().snapshots, 0o700);
  } finally {
    process.umask(umask);
  }
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

it("never finds by a row of the index that is not as it was written: its block is made anew", async () => {
  const place = await KeptList.grown(15);
  await place.history.append(place.history.report({}, { title: "the needle" }));
  await place.visit();
  const find = async (): Promise<number[][]> => {
    const list = await place.openWithoutThread();
    try {
      assert.ok(await list.waitFor(place.history.position, 10_000));
      const found: number[][] = [];
      for (const typed of ["needle", '"the needle"', "the", "n"]) {
        const search = parseSearch(typed);
        if (search === null) throw new Error(`${typed} is no search`);
        const page = await list.page({ search, limit: 1000 });
        found.push(page.rows.map(({ incident }) => incident.number));
      }
      return found;
    } finally {
      await list.close();
    }
  };
  const expected = await find();
  assert.equal(expected.slice(0, 2), [[place.history.incidents], [place.history.incidents]]);
  for (const damage of [
    "UPDATE words SET places = (SELECT places FROM words WHERE word = 'the' AND field = 0) WHERE word = 'needle'",
    "UPDATE words SET places = zeroblob(length(places)) WHERE word = 'needle'",
    "UPDATE words SET places = x'00' WHERE word = 'needle'",
    "UPDATE words SET spots = (SELECT spots FROM words WHERE word = 'the' AND field = 0) WHERE word = 'needle'",
    "UPDATE words SET spots = zeroblob(length(spots)) WHERE word = 'needle'",
    "UPDATE words SET spots = x'' WHERE word = 'needle'",
    "DELETE FROM words WHERE word = 'needle'; UPDATE words SET word = 'needle' WHERE word = 'the'",
  ]) {
    place.faults.length = 0;
    place.alter(damage);
    assert.equal(await find(), expected, damage);
    assert.match(place.faults.join(), "repaired 1");
  }
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
