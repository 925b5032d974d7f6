import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { InvalidCommit, UnreadableEvent } from "../../src/ledger/ledger-errors.ts";
import { isAtLeast, openDurable } from "../../src/ledger/sqlite/durable-database.ts";
import { ledgerFile } from "../../src/ledger/sqlite/ledger-tables.ts";
import { ServeLock } from "../../src/ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { chainFault, failureOf } from "../support/ledger/contract.ts";
import {
  comment,
  countedRuntime,
  erasure,
  headOf,
  opening,
  report,
  timePassed,
} from "../support/ledger/example-commits.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

/** A ledger with an opening and a report: four events. */
async function begun(): Promise<{ ledger: Ledger; file: string; directory: string }> {
  const directory = temporaryDirectory();
  const file = join(directory, "ledger.db");
  const ledger = openSqliteLedger({ file, runtime: countedRuntime() });
  headOf(await ledger.append(0, [opening(), report(2, 1, "a secret name")]));
  return { ledger, file, directory };
}

/** What a person with the sqlite3 tool can do. */
function tamper(file: string, sql: string): void {
  const database = new Database(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

const untie = `DROP TRIGGER events_are_never_deleted; DROP TRIGGER events_are_never_changed;
  DROP TRIGGER events_are_never_replaced; DROP TRIGGER head_is_never_deleted; DROP TRIGGER head_only_moves_forward;`;

function holding(directory: string, needle: string): string[] {
  return readdirSync(directory).filter((name) => readFileSync(join(directory, name)).includes(needle));
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never: ${what}`);
}

const it = suite("a ledger's file");

it("is opened with the settings that durability depends on", () => {
  const file = join(temporaryDirectory(), "deep", "down", "ledger.db");
  const database = openDurable(ledgerFile, { file });
  const settings = ["journal_mode", "synchronous", "secure_delete", "trusted_schema", "foreign_keys", "user_version"];
  assert.equal(
    settings.map((name) => database.pragma(name, { simple: true })),
    ["wal", 2, 1, 0, 0, 1],
  );
  assert.is(statSync(join(file, "..")).mode & 0o777, 0o700);
  database.close();
});

/** What others may do with the files of a directory: only names whose mode lets them do anything. */
function openToOthers(directory: string): string[] {
  return readdirSync(directory).filter((name) => (statSync(join(directory, name)).mode & 0o077) !== 0);
}

it("is for its owner only, with all its files, in a directory that everybody may read", async () => {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const umask = process.umask(0o022);
  try {
    const file = join(directory, "ledger.db");
    const lock = ServeLock.take(directory);
    let ledger = openSqliteLedger({ file, runtime: countedRuntime() });
    headOf(await ledger.append(0, [opening()]));
    const names = readdirSync(directory);
    for (const name of ["ledger.db", "ledger.db-shm", "ledger.db-wal", "serve.lock"]) assert.ok(names.includes(name));
    assert.equal(openToOthers(directory), []);
    // As a build made them that did not care, and as a crash left them.
    for (const name of names) chmodSync(join(directory, name), 0o644);
    const again = openSqliteLedger({ file, runtime: countedRuntime() });
    assert.ok(openToOthers(directory).every((name) => name.startsWith("serve.lock")));
    await again.close();
    await ledger.close();
    lock.release();
    ServeLock.take(directory).release();
    ledger = openSqliteLedger({ file, runtime: countedRuntime() });
    assert.equal(openToOthers(directory), []);
    await ledger.close();
    assert.is(statSync(directory).mode & 0o777, 0o755);
  } finally {
    process.umask(umask);
  }
});

it("keeps its mode when it is opened for reading only", async () => {
  const { ledger, file, directory } = await begun();
  await ledger.close();
  chmodSync(file, 0o644);
  const reader = openSqliteLedger({ file, readonly: true });
  assert.is((await reader.head()).position, 4);
  await reader.close();
  assert.is(statSync(file).mode & 0o777, 0o644);
  assert.equal(
    readdirSync(directory).filter((name) => !name.startsWith("ledger.db")),
    [],
  );
});

it("does not take another's file away from those who may read it", () => {
  const other = join(temporaryDirectory(), "other.db");
  tamper(other, "CREATE TABLE mine (x)");
  chmodSync(other, 0o644);
  assert.throws(() => openSqliteLedger({ file: other, runtime: countedRuntime() }), /is not a ledger/);
  assert.is(statSync(other).mode & 0o777, 0o644);
});

it("wants a SQLite that does not corrupt its WAL", () => {
  assert.ok(isAtLeast("3.51.3", [3, 51, 3]));
  assert.ok(isAtLeast("3.53.0", [3, 51, 3]));
  assert.ok(isAtLeast("4.0.0", [3, 51, 3]));
  assert.not(isAtLeast("3.51.2", [3, 51, 3]));
  assert.not(isAtLeast("3.9.12", [3, 51, 3]));
});

it("refuses to be changed or shortened by hand", async () => {
  const { ledger, file } = await begun();
  const forbidden = [
    ["DELETE FROM events WHERE position = 4", /never deleted/],
    ["DELETE FROM events", /never deleted/],
    ["UPDATE events SET data = '{}' WHERE position = 4", /never changed/],
    ["UPDATE events SET actor = 'x' WHERE position = 4", /never changed/],
    ["UPDATE events SET text = NULL, text_salt = NULL WHERE position = 3", /never changed/],
    ["UPDATE OR REPLACE events SET position = 3 WHERE position = 4", /never changed/],
    [
      "INSERT OR REPLACE INTO events SELECT * FROM (SELECT position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data, text, text_salt, text_digest, hash FROM events WHERE position = 4)",
      /only added/,
    ],
    ["DELETE FROM head", /head is never deleted/],
    ["UPDATE head SET position = 3", /only moves forward/],
    ["UPDATE head SET hash = x'00'", /only moves forward/],
    ["INSERT INTO head VALUES (2, 0, x'', '', 0, 0)", /CHECK constraint/],
    ["UPDATE events SET version = 'x' WHERE position = 4", /never changed|cannot store/],
  ] as const;
  for (const [sql, message] of forbidden) assert.throws(() => tamper(file, sql), message, sql);
  await ledger.append(4, [comment(4, 1, 3, "kept"), erasure(5, 3, 1, 4)]);
  const partly = "UPDATE events SET text_salt = NULL WHERE position = 5";
  assert.throws(() => tamper(file, partly), /never changed/);
  assert.throws(() => tamper(file, "UPDATE events SET text_digest = NULL WHERE position = 3"), /never changed/);
  assert.throws(() => tamper(file, "UPDATE events SET text = '{}' WHERE position = 3"), /never changed/);
  assert.is(await chainFault(ledger), null);
  await ledger.close();
});

it("names the position of an event that it cannot read", async () => {
  const damages = [
    [`UPDATE events SET data = '{"severity":9}' WHERE position = 3`, /position 3 cannot be read: data must have/],
    ["UPDATE events SET meta = '{' WHERE position = 3", /position 3 cannot be read: .*JSON/],
    ["UPDATE events SET type = 'incident.invented' WHERE position = 4", /position 4 .* knows no event named/],
    ["UPDATE events SET schema_version = 2 WHERE position = 4", /position 4 .* newer than this build knows/],
    ["UPDATE events SET recorded_at = 'now' WHERE position = 4", /position 4 cannot be read: the event\/recorded_at/],
    [
      "UPDATE events SET text = NULL, text_digest = NULL, text_salt = NULL, type = 'incident.commented', data = '{}' WHERE position = 3",
      /position 3 .* its text is missing/,
    ],
  ] as const;
  for (const [sql, message] of damages) {
    const { ledger, file } = await begun();
    tamper(file, untie + sql);
    const failure = await failureOf(ledger.read({}));
    assert.instance(failure, UnreadableEvent);
    assert.match(failure.message, message);
    await ledger.close();
  }
});

it("refuses to erase the text of an event that it has lost", async () => {
  const { ledger, file } = await begun();
  tamper(file, `${untie} DELETE FROM events WHERE position = 3`);
  const failure = await failureOf(ledger.append(4, [erasure(4, 3, 1, 3)]));
  assert.instance(failure, InvalidCommit);
  assert.match(failure.message, /position 5: the event at 3 does not exist/);
  await ledger.close();
});

it("rolls back wholly where SQLite fails in the middle of a commit, and works on", async () => {
  const { ledger, file } = await begun();
  const head = await ledger.head();
  tamper(
    file,
    "CREATE TRIGGER broken BEFORE INSERT ON events WHEN NEW.position = 8 BEGIN SELECT RAISE(FAIL, 'disk on fire'); END",
  );
  const commits = [report(4, 2), report(6, 3)];
  for (const _ of [1, 2]) assert.match((await failureOf(ledger.append(4, commits))).message, /disk on fire/);
  assert.equal(await ledger.head(), head);
  assert.is((await ledger.read({})).length, 4);
  tamper(file, "DROP TRIGGER broken");
  headOf(await ledger.append(4, commits));
  assert.is(await chainFault(ledger), null);
  await ledger.close();
});

it("holds nothing of an erased text any more, in none of its files", async () => {
  const { ledger, directory } = await begun();
  const long = `${"x".repeat(9000)} a second secret`;
  await ledger.append(4, [comment(4, 1, 3, long)]);
  assert.not.equal(holding(directory, "a secret name"), []);
  assert.not.equal(holding(directory, "a second secret"), []);
  await ledger.append(5, [erasure(5, 3, 1, 4), erasure(6, 5, 1, 5)]);
  assert.equal(holding(directory, "a secret name"), []);
  assert.equal(holding(directory, "a second secret"), []);
  assert.equal(holding(directory, "xxxxxxxx"), []);
  assert.is(await chainFault(ledger), null);
  await ledger.close();
});

it("gets rid of an erased text as soon as a reader who is in the way has gone", async () => {
  const { ledger, file, directory } = await begun();
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM events").get();
  await ledger.append(4, [erasure(4, 3, 1, 3)]);
  assert.not.equal(holding(directory, "a secret name"), []);
  reader.exec("COMMIT");
  await eventually("the text is gone", () => holding(directory, "a secret name").length === 0);
  reader.close();
  await ledger.close();
});

it("gets rid of an erased text when it is opened after a crash", async () => {
  const { ledger, file, directory } = await begun();
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM events").get();
  await ledger.append(4, [erasure(4, 3, 1, 3)]);
  const copy = temporaryDirectory();
  for (const name of readdirSync(directory)) writeFileSync(join(copy, name), readFileSync(join(directory, name)));
  reader.close();
  await ledger.close();
  assert.not.equal(holding(copy, "a secret name"), []);
  const again = openSqliteLedger({ file: join(copy, "ledger.db"), runtime: countedRuntime() });
  assert.equal(holding(copy, "a secret name"), []);
  assert.is(await chainFault(again), null);
  await again.close();
});

it("keeps its WAL short under load, without a commit that waits for it", async () => {
  const { ledger, file } = await begun();
  const text = "y".repeat(2000);
  let position = 4;
  for (let round = 0; round < 300; round += 1) {
    const commits = Array.from({ length: 64 }, (_, index) => comment(position + index, 1, position + index - 1, text));
    position = headOf(await ledger.append(position, commits)).position;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(statSync(`${file}-wal`).size < 40_000_000, `the WAL has ${statSync(`${file}-wal`).size} bytes`);
  await eventually("the pages are in the file itself", () => statSync(file).size > 40_000_000);
  await ledger.close();
  assert.not(existsSync(`${file}-wal`));
});

it("writes a probe to the disk", async () => {
  const { ledger, file } = await begun();
  const length = statSync(`${file}-wal`).size;
  await ledger.probe();
  assert.ok(statSync(`${file}-wal`).size > length);
  tamper(file, "CREATE TRIGGER broken BEFORE UPDATE ON head BEGIN SELECT RAISE(FAIL, 'disk on fire'); END");
  assert.match((await failureOf(ledger.probe())).message, /disk on fire/);
  await ledger.close();
});

it("is read beside its writer by one that cannot write", async () => {
  const { ledger, file } = await begun();
  const reader = openSqliteLedger({ file, readonly: true });
  assert.is((await reader.read({})).length, 4);
  await ledger.append(4, [report(4, 2)]);
  assert.is((await reader.head()).position, 6);
  assert.is(await chainFault(reader), null);
  for (const promise of [reader.append(6, [report(6, 3)]), reader.probe(), reader.forgetIdempotency("z")]) {
    assert.match((await failureOf(promise)).message, /opened for reading only/);
  }
  await reader.close();
  await ledger.close();
});

it("is not made by one that only reads, nor taken for what it is not", () => {
  const directory = temporaryDirectory();
  const missing = join(directory, "missing", "ledger.db");
  assert.throws(() => openSqliteLedger({ file: missing, readonly: true }), /There is no ledger at/);
  assert.not(existsSync(missing));
  const runtime = countedRuntime();
  const other = join(directory, "other.db");
  tamper(other, "CREATE TABLE mine (x)");
  const bytes = readFileSync(other);
  assert.throws(() => openSqliteLedger({ file: other, runtime }), /other\.db is not a ledger of Incident Ledger/);
  assert.throws(() => openSqliteLedger({ file: other, readonly: true }), /is not a ledger/);
  assert.equal(readFileSync(other), bytes);
  const text = join(directory, "text.db");
  writeFileSync(text, "this is no database, but it is long enough to be mistaken for one. ".repeat(20));
  assert.throws(() => openSqliteLedger({ file: text, runtime }), /cannot be opened: file is not a database/);
  mkdirSync(join(directory, "folder.db"));
  assert.throws(() => openSqliteLedger({ file: join(directory, "folder.db"), runtime }), /cannot be opened/);
});

it("is left alone by a build that is older than its tables", async () => {
  const { ledger, file } = await begun();
  await ledger.close();
  tamper(file, "PRAGMA user_version = 2");
  const message = /is of version 2; this build knows 1\. Use a newer build\./;
  assert.throws(() => openSqliteLedger({ file, runtime: countedRuntime() }), message);
  assert.throws(() => openSqliteLedger({ file, readonly: true }), message);
});

it("works without a thread for its checkpoints", async () => {
  const { ledger, file } = await begun();
  await ledger.close();
  const plain = openSqliteLedger({ file, runtime: countedRuntime(), checkpointer: false });
  let position = 4;
  for (let round = 0; round < 20; round += 1) {
    const commits = Array.from({ length: 200 }, (_, index) => timePassed(position + index, position + index - 2));
    position = headOf(await plain.append(position, commits)).position;
  }
  assert.ok(statSync(`${file}-wal`).size < 6_000_000);
  assert.is(await chainFault(plain), null);
  await plain.close();
});

it("reads from a directory that it may not write to, once its writer has closed it", async () => {
  const { ledger, file, directory } = await begun();
  await ledger.close();
  chmodSync(directory, 0o500);
  try {
    const reader = openSqliteLedger({ file, readonly: true });
    assert.is((await reader.head()).position, 4);
    await reader.close();
  } finally {
    chmodSync(directory, 0o700);
  }
});
