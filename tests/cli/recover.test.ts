import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { openVault } from "../../src/access/vault.ts";
import { recoverLog } from "../../src/backup/recover-log.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { lostEnd } from "../../src/readmodels/lost-end.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { WrongContent } from "../../src/transfer/wrong-content.ts";
import { writeExampleHistory, writeKilledLedger } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("a ledger whose WAL is damaged");
const frame_bytes = 24 + 4096;
let head = 0;
let origin = "";

it.before(async () => {
  origin = freshDirectory();
  head = (await writeKilledLedger(origin, 12)).length;
});

/** A copy whose WAL is changed. */
function damaged(change: (wal: Buffer) => void): string {
  const data_dir = freshDirectory(origin);
  const wal = readFileSync(join(data_dir, "ledger.db-wal"));
  change(wal);
  writeFileSync(join(data_dir, "ledger.db-wal"), wal);
  return data_dir;
}

/** Three words in the page of the third frame, so that it is not known what they were. */
const unknown = (wal: Buffer): void => {
  for (const place of [100, 200, 300]) wal.writeUInt32LE(0x1234_5678, 32 + 2 * frame_bytes + 24 + place);
};

const flipped = (wal: Buffer): void => {
  const place = 32 + 2 * frame_bytes + 3000;
  wal.writeUInt8(wal.readUInt8(place) ^ 1, place);
};

const told = /ledger\.db-wal is damaged in frame 3 of \d+, from where on SQLite would drop \d+ commits/;

async function verified(data_dir: string) {
  const { code, stdout } = await runCli(["verify", "--json", "--data-dir", data_dir]);
  return { code, report: JSON.parse(stdout) };
}

async function recovered(data_dir: string) {
  const { code, stdout, stderr } = await runCli(["recover", "--json", "--data-dir", data_dir]);
  assert.is(code, 0, stderr);
  return JSON.parse(stdout);
}

it("is named by verify, refused by what would lose it or copy it as if it were whole, and told by replay", async () => {
  const data_dir = damaged(unknown);
  const before = readFileSync(join(data_dir, "ledger.db-wal"));
  const { code, report } = await verified(data_dir);
  assert.is(code, 1);
  assert.match(report.faults[0].fault, told);
  assert.match(report.faults[0].fault, /run recover on it$/);
  assert.ok(report.position < head);

  const serve = await runCli(["serve"], { DATA_DIR: data_dir, PORT: "0", ADMIN_API_KEY: "a-key-of-this-test" });
  assert.is.not(serve.code, 0);
  assert.match(serve.stdout + serve.stderr, told);
  assert.match(serve.stdout + serve.stderr, /Nothing was touched/);
  const out = freshDirectory();
  writeFileSync(join(out, "nothing"), "[]");
  await openVault({ file: join(data_dir, "vault.db"), runtime: systemRuntime() }).close();
  for (const verb of [
    ["backup", join(out, "backup")],
    ["export", "--out", join(out, "export")],
    ["import", join(out, "nothing"), "--from", "klimbb"],
    ["key", "create", "--name", "monitor", "--role", "viewer"],
  ]) {
    const refused = await runCli([...verb, "--data-dir", data_dir]);
    assert.is(refused.code, 1, verb.join(" "));
    assert.match(refused.stderr, told);
  }
  assert.equal(readdirSync(out), ["nothing"]);
  const replay = await runCli(["replay", "--data-dir", data_dir]);
  assert.is(replay.code, 0);
  assert.match(replay.stderr, told);
  assert.ok(readFileSync(join(data_dir, "ledger.db-wal")).equals(before));
});

it("is got back whole, and what was damaged is set aside", async () => {
  const data_dir = damaged(unknown);
  const before = readFileSync(join(data_dir, "ledger.db-wal"));
  const found = await recovered(data_dir);
  assert.not.ok(found.damage.is_known);
  assert.ok(found.found_position < head);
  assert.match(found.head, new RegExp(`^${head}:[0-9a-f]{64}$`));
  assert.ok(readFileSync(join(found.kept_in, "ledger.db-wal")).equals(before));
  const [made, old] = [data_dir, found.kept_in].map((directory) => statSync(join(directory, "ledger.db")));
  assert.equal([made?.uid, made?.gid, (made?.mode ?? 0) & 0o777], [old?.uid, old?.gid, 0o600]);
  const after = await verified(data_dir);
  assert.equal(after.report.faults, []);
  assert.is(after.report.position, head);
  const again = await runCli(["recover", "--data-dir", data_dir]);
  assert.is(again.code, 0);
  assert.match(again.stdout, /nothing was touched/);

  const service = await startService(data_dir);
  assert.ok((await service.ask("GET", "/ledger/head")).body.position >= head);
  const refused = await runCli(["recover", "--data-dir", data_dir]);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /Another service runs on/);
  assert.is(await service.end("SIGTERM"), 0);
});

it("is got back where blocks of the log are lost, whichever they are, or nothing is touched", async () => {
  const { length } = readFileSync(join(origin, "ledger.db-wal"));
  const options = { cut: false, at: "2026-01-31T09:15:00.000Z", onAudited: () => {} };
  let got_back = 0;
  let tries = 0;
  for (let offset = 0; offset + 40_000 < length; offset += 4096 * 3, tries += 1) {
    const data_dir = damaged((wal) => wal.fill(0, offset, offset + 4096));
    try {
      const found = await recoverLog({ ...options, data_dir });
      assert.is(found?.position, head, `a block at ${offset}`);
      got_back += 1;
    } catch (error) {
      if (!(error instanceof WrongContent)) throw error;
      assert.match(error.message, /Nothing was touched/);
    }
  }
  assert.ok(got_back > tries / 2, `${got_back} of ${tries}`);
});

it("is got back up to the commit in which the machine died, which may be missing", async () => {
  const data_dir = damaged((wal) => {
    unknown(wal);
    // Of the last commit nothing came to the disk but its end.
    const ends = Array.from({ length: (wal.length - 32) / frame_bytes }, (_, index) => 32 + index * frame_bytes);
    const [last] = ends.filter((start) => wal.readUInt32BE(start + 4) !== 0).slice(-2);
    wal.fill(0, (last ?? 0) + frame_bytes, wal.length - frame_bytes);
  });
  const { code, stdout, stderr } = await runCli(["recover", "--data-dir", data_dir]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /\nin doubt {3}the last commit in the log, of which not all is there, may be missing\n/);
  const { report } = await verified(data_dir);
  assert.equal(report.faults, []);
  assert.ok(report.position >= head - 3 && report.position < head, `${report.position} of ${head}`);
});

it("is taken from the database where a checkpoint has brought all of it there", async () => {
  const data_dir = freshDirectory(origin);
  const database = new Database(join(data_dir, "ledger.db"));
  database.pragma("wal_checkpoint(PASSIVE)");
  const copy = freshDirectory();
  for (const end of ["", "-wal"]) copyFileSync(join(data_dir, `ledger.db${end}`), join(copy, `ledger.db${end}`));
  database.close();
  const wal = readFileSync(join(copy, "ledger.db-wal"));
  wal.fill(0xff, 4096, wal.length / 2);
  writeFileSync(join(copy, "ledger.db-wal"), wal);
  assert.match((await recovered(copy)).head, new RegExp(`^${head}:`));
});

it("is put right by the start where it is known what was written", async () => {
  const data_dir = damaged(flipped);
  const service = await startService(data_dir);
  assert.match(service.log(), told);
  assert.ok((await service.ask("GET", "/ledger/head")).body.position >= head);
  assert.is(await service.end("SIGTERM"), 0);
  assert.equal((await verified(data_dir)).report.faults, []);
});

it("is left alone where what can be made of it is not right, and ended before the damage when that is asked for", async () => {
  // All of the log is lost but its beginning and its last commits.
  const data_dir = damaged((wal) => wal.fill(0xff, 32 + 8 * frame_bytes, wal.length - 24 * frame_bytes));
  const wal = readFileSync(join(data_dir, "ledger.db-wal"));
  const names = readdirSync(data_dir);
  const { code, stderr } = await runCli(["recover", "--data-dir", data_dir]);
  assert.is(code, 1, stderr);
  assert.match(stderr, /^ledger\.db-wal is damaged in frame 9 of \d+, .*is not right: .*Nothing was touched\. .*--cut/);
  assert.ok(readFileSync(join(data_dir, "ledger.db-wal")).equals(wal));
  assert.equal(
    readdirSync(data_dir).filter((name) => name !== "serve.lock"),
    names,
  );

  const cut = await runCli(["recover", "--cut", "--data-dir", data_dir]);
  assert.is(cut.code, 0, cut.stderr);
  assert.match(cut.stdout, /\nlost +what came after position \d+\n/);
  const { report } = await verified(data_dir);
  assert.equal(report.faults, []);
  assert.ok(report.position < head);
});

it("has lost its end where list or snapshot have seen more of it, which a start says", async () => {
  const data_dir = freshDirectory();
  await writeExampleHistory(data_dir, 3);
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  assert.is(await lostEnd(data_dir, ledger), null);
  const { position } = await ledger.head();
  await ledger.close();
  const database = new Database(join(data_dir, "ledger.db"));
  database.exec("DROP TRIGGER events_are_never_deleted; DROP TRIGGER head_only_moves_forward");
  const last = database.prepare("SELECT max(position) FROM events WHERE meta GLOB '{\"offset\":0,*'").pluck().get();
  database.prepare("DELETE FROM events WHERE position >= ?").run(last);
  database.exec(
    "UPDATE head SET (position, hash, recorded_at) = (SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1)",
  );
  database.close();
  const shorter = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  const told = `The ledger ends at position ${Number(last) - 1}, but what was folded from it before has seen it up to ${position}`;
  assert.match((await lostEnd(data_dir, shorter)) ?? "", told);
  await shorter.close();
  const service = await startService(data_dir);
  assert.match(service.log(), told);
  await service.end("SIGTERM");
});
