import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { scrubWal } from "../../src/audit/scrub-wal.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { lostEnd } from "../../src/readmodels/lost-end.ts";
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

/** A copy whose WAL has so many bytes turned over, from so many behind the beginning of its third frame. */
function damaged(from: number, bytes = 1): string {
  const data_dir = freshDirectory(origin);
  const wal = readFileSync(join(data_dir, "ledger.db-wal"));
  const start = 32 + 2 * frame_bytes + from;
  for (let offset = start; offset < start + bytes; offset += 1) wal.writeUInt8(wal.readUInt8(offset) ^ 0xff, offset);
  writeFileSync(join(data_dir, "ledger.db-wal"), wal);
  return data_dir;
}

async function verified(data_dir: string) {
  const { code, stdout } = await runCli(["verify", "--json", "--data-dir", data_dir]);
  return { code, report: JSON.parse(stdout) };
}

it("is named by verify, refused by what would lose it or copy it as if it were whole, and told by replay", async () => {
  const data_dir = damaged(3000);
  const before = readFileSync(join(data_dir, "ledger.db-wal"));
  const told = /ledger\.db-wal is damaged in frame 3 of \d+, and SQLite drops \d+ commits from there on/;
  const { code, report } = await verified(data_dir);
  assert.is(code, 1);
  assert.match(report.faults.at(-1).fault, told);
  assert.ok(report.position < head);

  const serve = await runCli(["serve"], { DATA_DIR: data_dir, PORT: "0", ADMIN_API_KEY: "a-key-of-this-test" });
  assert.is.not(serve.code, 0);
  assert.match(serve.stdout + serve.stderr, told);
  assert.match(serve.stdout + serve.stderr, /Run recover on its directory/);
  const out = freshDirectory();
  const backup = await runCli(["backup", join(out, "backup"), "--data-dir", data_dir]);
  assert.is.not(backup.code, 0);
  assert.match(backup.stderr, told);
  const exported = await runCli(["export", "--out", join(out, "export"), "--data-dir", data_dir]);
  assert.is(exported.code, 1);
  assert.match(exported.stderr, told);
  assert.equal(readdirSync(out), []);
  const replay = await runCli(["replay", "--data-dir", data_dir]);
  assert.is(replay.code, 0);
  assert.match(replay.stderr, told);
  assert.ok(readFileSync(join(data_dir, "ledger.db-wal")).equals(before));
});

it("is got back whole, and the damaged log is kept", async () => {
  const data_dir = damaged(3000);
  const before = readFileSync(join(data_dir, "ledger.db-wal"));
  const { code, stdout, stderr } = await runCli(["recover", "--json", "--data-dir", data_dir]);
  assert.is(code, 0, stderr);
  const recovered = JSON.parse(stdout);
  assert.ok(recovered.recovered_commits > 5);
  assert.is(recovered.lost_commits, 0);
  assert.match(recovered.head, new RegExp(`^${head}:[0-9a-f]{64}$`));
  assert.ok(readFileSync(recovered.kept_in).equals(before));
  assert.not.ok(existsSync(join(data_dir, "recover.gathering")));
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

it("is left alone where what is got back is not right, and ended before the damage when that is asked for", async () => {
  // Of several words it is not known what they were; the frame is put to a page that nothing behind it writes again.
  const data_dir = damaged(1000, 50);
  const wal = readFileSync(join(data_dir, "ledger.db-wal"));
  const pages = Array.from({ length: (wal.length - 32) / frame_bytes }, (_, index) =>
    wal.readUInt32BE(32 + index * frame_bytes),
  );
  const page = [2, 3, 4, 5, 6, 7, 8, 9, 10].find((number) => !pages.includes(number));
  wal.writeUInt32BE(page ?? 1, 32 + 2 * frame_bytes);
  writeFileSync(join(data_dir, "ledger.db-wal"), wal);
  const names = readdirSync(data_dir);
  const { code, stderr } = await runCli(["recover", "--data-dir", data_dir]);
  assert.is(code, 1, stderr);
  assert.match(stderr, /^ledger\.db-wal is damaged in frame 3 of \d+, .*the ledger is not right, .*--cut/);
  assert.ok(readFileSync(join(data_dir, "ledger.db-wal")).equals(wal));
  assert.equal(
    readdirSync(data_dir).filter((name) => name !== "serve.lock"),
    names,
  );

  const cut = await runCli(["recover", "--cut", "--data-dir", data_dir]);
  assert.is(cut.code, 0, cut.stderr);
  assert.match(cut.stdout, /\nlost +\d+ commits\n/);
  const { report } = await verified(data_dir);
  assert.equal(report.faults, []);
  assert.ok(report.position < head);
});

it("is taken over by the scrub of a running service, which knows better than the log", async () => {
  const data_dir = freshDirectory();
  const source = freshDirectory(origin);
  const database = new Database(join(source, "ledger.db"));
  database.prepare("SELECT count(*) FROM events").get();
  const wal = readFileSync(join(source, "ledger.db-wal"));
  wal.writeUInt8(wal.readUInt8(32 + 2 * frame_bytes + 3000) ^ 1, 32 + 2 * frame_bytes + 3000);
  writeFileSync(join(source, "ledger.db-wal"), wal);
  assert.match(scrubWal(join(source, "ledger.db")) ?? "", /is damaged in frame 3 .* it was taken over$/);
  assert.is(scrubWal(join(source, "ledger.db")), null);
  database.close();
  cpSync(source, data_dir, { recursive: true });
  assert.is((await verified(data_dir)).report.position, head);
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
