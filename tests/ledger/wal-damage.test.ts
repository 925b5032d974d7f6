import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { walDamage, walDamageTold, withWal } from "../../src/ledger/sqlite/wal-damage.ts";
import { writeKilledLedger } from "../support/example-history.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("damage of a ledger's WAL");
const header_bytes = 32;
const frame_bytes = 24 + 4096;
let origin = "";
let good: Buffer;
let frames = 0;
let head = 0;

it.before(async () => {
  origin = freshDirectory();
  head = (await writeKilledLedger(origin, 12)).length;
  good = readFileSync(join(origin, "ledger.db-wal"));
  frames = (good.length - header_bytes) / frame_bytes;
});

/** A WAL that is put right, as far as it is known. */
function mended(wal: Buffer): Buffer {
  const pieces = withWal(fileWith(wal), (frames) => {
    const survey = frames.survey();
    return [...frames.mended(survey, survey.last_frame, false)];
  });
  return Buffer.concat(pieces ?? []);
}

/** A ledger of its own with the database as it is and this WAL; returns its file. */
function fileWith(wal: Buffer): string {
  const file = join(freshDirectory(), "ledger.db");
  copyFileSync(join(origin, "ledger.db"), file);
  writeFileSync(`${file}-wal`, wal);
  return file;
}

/** Where SQLite says that the ledger ends; 0 where it cannot read it. */
function headOf(file: string): number {
  const database = new Database(file, { readonly: true });
  try {
    return Number(database.prepare("SELECT position FROM head").pluck().get());
  } catch {
    return 0;
  } finally {
    database.close();
  }
}

function startOf(frame: number): number {
  return header_bytes + (frame - 1) * frame_bytes;
}

function isCommit(wal: Buffer, frame: number): boolean {
  return wal.readUInt32BE(startOf(frame) + 4) !== 0;
}

/** The last frame of the last commit but so many. */
function lastCommit(but: number): number {
  const commits = Array.from({ length: frames }, (_, index) => index + 1).filter((frame) => isCommit(good, frame));
  return commits.at(-1 - but) ?? 0;
}

function flipped(offset: number, wal = good): Buffer {
  const damaged = Buffer.from(wal);
  damaged.writeUInt8(damaged.readUInt8(offset) ^ 0x40, offset);
  return damaged;
}

it("is not found in a WAL as a kill leaves it, nor where there is none", () => {
  assert.ok(Number.isInteger(frames) && frames > 50, `${frames} frames`);
  assert.is(walDamage(fileWith(good)), null);
  assert.is(headOf(fileWith(good)), head);
  assert.is(walDamage(fileWith(Buffer.alloc(0))), null);
  assert.is(walDamage(fileWith(good.subarray(0, header_bytes))), null);
  assert.is(walDamage(join(freshDirectory(), "ledger.db")), null);
});

it("is not found in a WAL that ends anywhere, as where a machine died while it wrote", () => {
  for (let length = header_bytes; length < good.length; length += 997) {
    assert.is(walDamage(fileWith(good.subarray(0, length))), null, `${length} bytes`);
  }
});

it("is not found where frames of the last commit never came to the disk, in whatever order", () => {
  const first = lastCommit(1) + 1;
  for (let frame = first; frame <= frames; frame += 1) {
    const torn = Buffer.from(good).fill(0, startOf(frame), startOf(frame + 1));
    assert.is(walDamage(fileWith(torn)), null, `frame ${frame}`);
    const half = Buffer.from(good).fill(0, startOf(frame) + 1000, startOf(frame) + 3000);
    assert.is(walDamage(fileWith(half)), null, `half of frame ${frame}`);
  }
});

it("is found wherever a byte makes SQLite drop a commit that another one followed, and it is got back", () => {
  const kept = startOf(lastCommit(1));
  let [found, restored, got_back] = [0, 0, 0];
  for (let offset = 0; offset < good.length; offset += 509) {
    const file = fileWith(flipped(offset));
    const damage = walDamage(file);
    if (offset < kept) assert.ok(damage, `byte ${offset} is not found`);
    if (damage === null) continue;
    found += 1;
    assert.is(damage.frame, offset < header_bytes ? 0 : Math.floor((offset - header_bytes) / frame_bytes) + 1);
    assert.is(damage.frames, frames);
    assert.ok(headOf(file) < head, `byte ${offset} loses nothing`);
    const made = mended(flipped(offset));
    if (made.equals(good)) restored += 1;
    if (headOf(fileWith(made)) === head) got_back += 1;
  }
  assert.ok(found > 100, `${found} were found`);
  // In the high bytes of a word, some other word could as well be the wrong one; without another version of the page it stays so.
  assert.ok(restored > found * 0.8, `${restored} of ${found} were restored to the byte`);
  assert.ok(got_back > found * 0.9, `${got_back} of ${found} were got back`);
});

it("is found in a header, whichever of its bytes it is", () => {
  for (let offset = 0; offset < header_bytes; offset += 1) {
    const file = fileWith(flipped(offset));
    const damage = walDamage(file);
    assert.is(damage?.frame, 0, `byte ${offset}`);
    assert.is(headOf(fileWith(mended(flipped(offset)))), head, `byte ${offset}`);
  }
});

it("is told from what an earlier round has left behind", async () => {
  const file = fileWith(good);
  const database = new Database(file);
  database.pragma("wal_autocheckpoint = 0");
  database.pragma("wal_checkpoint(RESTART)");
  for (let probe = 0; probe < 3; probe += 1) database.exec("UPDATE head SET probes = probes + 1");
  const wal = readFileSync(`${file}-wal`);
  assert.is(wal.length, good.length);
  assert.is(walDamage(file), null);
  writeFileSync(`${file}-wal`, flipped(startOf(1) + 500, wal));
  const damage = walDamage(file);
  assert.equal(damage, { frame: 1, frames: 3, lost_commits: 3, is_known: true });
  assert.is(
    walDamageTold(file, { frame: 1, frames: 3, lost_commits: 3, is_known: true }),
    "ledger.db-wal is damaged in frame 1 of 3, from where on SQLite would drop 3 commits",
  );
  writeFileSync(`${file}-wal`, wal);
  database.close();
});

/** What a torn last commit is taken for, its sectors one by one as an earlier round has left them. */
function tornOver(shift: number): { variants: number; known: number } {
  const file = fileWith(good);
  const database = new Database(file);
  const probe = "UPDATE head SET probes = probes + 1;";
  const restart = () => database.pragma("wal_checkpoint(RESTART)");
  database.pragma("wal_autocheckpoint = 0");
  // Every frame of the earlier round ends a commit.
  restart();
  for (let frame = 0; frame < frames; frame += 1) database.exec(probe);
  restart();
  for (let frame = 0; frame < shift; frame += 1) database.exec(probe);
  const old = readFileSync(`${file}-wal`);
  let [before, end, variants, known] = [old, header_bytes + shift * frame_bytes, 0, 0];
  for (;;) {
    const at = "'s', hex(randomblob(8)), 'f', 201, 'incident/1', 1, 1, NULL, '2026'";
    database.exec(`BEGIN; ${probe} INSERT INTO idempotency VALUES (${at}); COMMIT`);
    const whole = readFileSync(`${file}-wal`);
    const begin = end;
    while (end < old.length && whole.compare(whole, 16, 24, end + 8, end + 16) === 0) end += frame_bytes;
    if (end === old.length) break;
    for (let sector = begin - (begin % 512); sector < end; sector += 512) {
      const torn = Buffer.from(whole);
      // The header is synced before the first frame is written.
      const start = Math.max(sector, header_bytes);
      before.copy(torn, start, start, sector + 512);
      if (torn.equals(whole)) continue;
      variants += 1;
      const damage = walDamage(fileWith(torn));
      if (damage === null) continue;
      known += 1;
      const where = `shift ${shift}, sector at ${sector}`;
      assert.ok(damage.is_known, `${where}: ${JSON.stringify(damage)}`);
      assert.ok(mended(torn).equals(whole.subarray(0, end)), where);
    }
    before = whole;
  }
  database.close();
  return { variants, known };
}

it("is not found in a torn last commit over what an earlier round has left, or it is known what was written", () => {
  for (const shift of [1, 2, 3]) {
    const { variants, known } = tornOver(shift);
    assert.ok(variants > 100 && known < variants / 10, `${known} of ${variants}`);
  }
});

it("is not found where commits failed and shorter ones were written over their beginnings", () => {
  const ends = Array.from({ length: frames }, (_, index) => index + 1).filter((frame) => isCommit(good, frame));
  const commits = ends.slice(1).map((end, index) => good.subarray(startOf((ends[index] ?? 0) + 1), startOf(end + 1)));
  const byLength = [...new Map(commits.map((commit) => [commit.length, commit])).values()];
  byLength.sort((one, other) => one.length - other.length);
  assert.ok(byLength.length >= 3, `${byLength.length} lengths`);
  let place = 0;
  const tails = byLength.map((commit) => {
    const tail = commit.subarray(place);
    place = commit.length;
    return tail;
  });
  assert.is(walDamage(fileWith(Buffer.concat([good, ...tails]))), null);
});

it("is found where a sector or a block is lost, the first one too", () => {
  const kept = startOf(lastCommit(1)) - 16_384;
  for (const bytes of [512, 4096, 16_384]) {
    for (const filled of [0, 0xff]) {
      for (let offset = 0; offset < kept; offset += bytes * 7) {
        const lost = Buffer.from(good).fill(filled, offset, offset + bytes);
        if (lost.equals(good)) continue;
        assert.ok(walDamage(fileWith(lost)), `${bytes} bytes at ${offset}`);
      }
    }
  }
});
