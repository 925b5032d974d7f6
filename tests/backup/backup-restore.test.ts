import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openVault } from "../../src/access/vault.ts";
import { type BackupOptions, makeBackup } from "../../src/backup/make-backup.ts";
import {
  decideRestore,
  endInterruptedWork,
  isRestoring,
  restoreDirectories,
  restoreSteps,
} from "../../src/backup/place-restored.ts";
import { type RestoreOptions, restoreBackup } from "../../src/backup/restore-backup.ts";
import { openLedger } from "../../src/desk/opening.ts";
import { ServeLock } from "../../src/ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { writeExampleLedger } from "../support/example-history.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("a backup and its restore");
let origin = "";
let backup = "";
let key = "";

it.before(async () => {
  origin = temporaryDirectory();
  await writeExampleLedger(origin, 3);
  const vault = openVault({ file: join(origin, "vault.db"), runtime: systemRuntime() });
  ({ key } = await vault.keys.create({ name: "monitor", at: "2026-01-31T09:15:00.000Z" }));
  await vault.close();
  writeFileSync(join(origin, "admin.key"), "il_admin_0123456789abcdef\n", { mode: 0o600 });
  backup = join(temporaryDirectory(), "backup");
  await makeBackup(optionsOf(origin, backup));
});

function optionsOf(data_dir: string, target: string, more: Partial<BackupOptions> = {}): BackupOptions {
  const made = { made_by: "a test", made_at: "2026-01-31T10:00:00.000Z", verified: true };
  return { data_dir, target, part: `${target}.part`, ...made, onCopied: () => {}, onAudited: () => {}, ...more };
}

function restore(data_dir: string, from = backup, more: Partial<RestoreOptions> = {}) {
  const at = "2026-02-01T12:00:00.000Z";
  const options = { backup: from, data_dir, replace: false, at, onCopied: () => {}, onAudited: () => {} };
  return restoreBackup({ ...options, ...more });
}

async function rejects(work: Promise<unknown>, said: RegExp | string): Promise<void> {
  try {
    await work;
  } catch (error) {
    assert.match(error instanceof Error ? error.message : String(error), said);
    return;
  }
  assert.unreachable("it was done");
}

function sameFile(left: string, right: string): boolean {
  return readFileSync(left).compare(readFileSync(right)) === 0;
}

/** Whether a directory holds the backup's files and nothing else that counts. */
function holdsBackup(data_dir: string, from = backup): void {
  for (const name of ["ledger.db", "vault.db", "admin.key"])
    assert.ok(sameFile(join(data_dir, name), join(from, name)));
  const others = readdirSync(data_dir).filter(
    (name) => !/^(ledger\.db|vault\.db|admin\.key|serve\.lock|before-.*)$/.test(name),
  );
  assert.equal(others, []);
}

/** A data directory with another ledger, its read models and a WAL beside each file. */
function occupied(): string {
  const data_dir = freshDirectory(origin);
  mkdirSync(join(data_dir, "snapshots"));
  for (const name of ["ledger.db-wal", "ledger.db-shm", "vault.db-wal", "read.db", "read.db-wal"]) {
    writeFileSync(join(data_dir, name), `old ${name}`);
  }
  for (const name of ["ledger.db", "vault.db"]) writeFileSync(join(data_dir, name), `old ${name}`);
  return data_dir;
}

it("holds ledger, vault and key for its owner only, says what they are, and needs no WAL", () => {
  assert.equal(readdirSync(backup).sort(), ["admin.key", "ledger.db", "manifest.json", "vault.db"]);
  for (const name of readdirSync(backup)) assert.is(statSync(join(backup, name)).mode & 0o777, 0o600);
  assert.is(statSync(backup).mode & 0o777, 0o700);
  const manifest = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8"));
  assert.is(manifest.files.length, 3);
  assert.match(manifest.head.hash, /^[0-9a-f]{64}$/);
});

it("does not hold a text that was erased", () => {
  assert.not(readFileSync(join(backup, "ledger.db")).includes("is this urgent?"));
  assert.ok(readFileSync(join(backup, "ledger.db")).includes("thank you"));
});

it("is restored into a new directory, where its keys open again", async () => {
  const data_dir = join(temporaryDirectory(), "new");
  const { kept_in, before } = await restore(data_dir);
  assert.is(kept_in, null);
  assert.is(before.lost_events, 0);
  holdsBackup(data_dir);
  const vault = openVault({ file: join(data_dir, "vault.db"), runtime: systemRuntime() });
  assert.is((await vault.keys.find(key))?.name, "monitor");
  await vault.close();
});

it("says what would be lost, replaces nothing unasked, and keeps what was there", async () => {
  const data_dir = temporaryDirectory();
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), runtime: systemRuntime(), checkpointer: false });
  await openLedger(ledger, systemRuntime(), []);
  await ledger.close();
  mkdirSync(join(data_dir, "snapshots"));
  const was = readFileSync(join(data_dir, "ledger.db"));
  await rejects(restore(data_dir), /is another one than that of the backup.*Give --replace/);
  assert.is(readFileSync(join(data_dir, "ledger.db")).compare(was), 0);
  const { kept_in, before } = await restore(data_dir, backup, { replace: true });
  assert.is(before.lost_events, before.position);
  assert.is(readFileSync(join(kept_in ?? "", "ledger.db")).compare(was), 0);
  assert.ok(existsSync(join(kept_in ?? "", "snapshots")));
  holdsBackup(data_dir);
});

it("is refused where a byte of it was altered or a file is missing, and nothing is touched", async () => {
  for (const name of ["ledger.db", "vault.db", "admin.key"]) {
    const altered = freshDirectory(backup);
    const bytes = readFileSync(join(altered, name));
    const place = bytes.length >> 1;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(join(altered, name), bytes);
    const data_dir = occupied();
    const was = readdirSync(data_dir).sort();
    await rejects(restore(data_dir, altered, { replace: true }), `The backup is not right: its ${name} was altered`);
    rmSync(join(altered, name));
    await rejects(restore(data_dir, altered, { replace: true }), `its ${name} is missing`);
    assert.is(readFileSync(join(data_dir, "ledger.db"), "utf8"), "old ledger.db");
    assert.equal(
      readdirSync(data_dir)
        .filter((file) => file !== "serve.lock")
        .sort(),
      was,
    );
  }
});

it("is refused where the manifest was altered or is none, and where a file's name leads elsewhere", async () => {
  const data_dir = temporaryDirectory();
  const altering = (from: string | RegExp, to: string): string => {
    const altered = freshDirectory(backup);
    const file = join(altered, "manifest.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
    return altered;
  };
  await rejects(restore(data_dir, altering(/"position": \d+/, '"position": 7')), /The backup is not right: /);
  await rejects(restore(data_dir, altering(/("ledger_id": ")[0-9a-f]{8}/, "$1aaaaaaaa")), /it holds the ledger/);
  await rejects(restore(data_dir, altering('"vault.db"', '"../vault.db"')), "is not the manifest of a backup");
  await rejects(restore(data_dir, altering("backup/1", "backup/2")), "is not the manifest of a backup");
  await rejects(restore(data_dir, altering('"vault.db"', '"ledger.db"')), "a file twice");
  await rejects(restore(data_dir, temporaryDirectory()), "There is no backup at");
});

it("is refused where a service runs, and onto itself", async () => {
  const data_dir = temporaryDirectory();
  const lock = ServeLock.take(data_dir);
  await rejects(restore(data_dir), "Another service runs on");
  lock.release();
  await rejects(restore(backup), "is the backup itself");
});

it("is never half in place: a crash after any step is brought to the end by whoever comes next", async () => {
  for (let done = 0; ; done += 1) {
    const data_dir = occupied();
    decide(data_dir);
    let count = 0;
    let hasEnded = true;
    for (const step of restoreSteps(data_dir)) {
      if (count === done) {
        hasEnded = false;
        break;
      }
      step();
      count += 1;
    }
    const isCut = isRestoring(data_dir);
    assert.is(endInterruptedWork(data_dir), isCut);
    holdsBackup(data_dir);
    const kept = join(data_dir, "before-x");
    for (const name of ["ledger.db", "ledger.db-wal", "ledger.db-shm", "vault.db", "vault.db-wal", "read.db-wal"]) {
      assert.is(readFileSync(join(kept, name), "utf8"), `old ${name}`);
    }
    for (const name of ["read.db", "snapshots", "admin.key"]) assert.ok(existsSync(join(kept, name)));
    if (hasEnded) break;
  }
});

/** Comes to the moment at which a restore counts. */
function decide(data_dir: string): void {
  const { gathering } = restoreDirectories(data_dir);
  mkdirSync(gathering);
  const files = ["ledger.db", "vault.db", "admin.key"];
  for (const name of files) writeFileSync(join(gathering, name), readFileSync(join(backup, name)));
  decideRestore(data_dir, { files, aside: "before-x" });
}

it("counts for nothing where it was cut off before it was decided", async () => {
  const data_dir = occupied();
  const { gathering } = restoreDirectories(data_dir);
  mkdirSync(gathering);
  writeFileSync(join(gathering, "ledger.db"), "half of a ledger");
  writeFileSync(join(data_dir, "ledger.db.importing"), "half of another");
  assert.not(endInterruptedWork(data_dir));
  assert.is(readFileSync(join(data_dir, "ledger.db"), "utf8"), "old ledger.db");
  assert.not(existsSync(gathering));
  assert.not(existsSync(join(data_dir, "ledger.db.importing")));
});

it("is not made where something is, within the data directory, or of what is no ledger; nothing is left then", async () => {
  await rejects(makeBackup(optionsOf(origin, backup)), "There is something at");
  await rejects(makeBackup(optionsOf(origin, join(origin, "inside"))), "is within");
  const nowhere = join(temporaryDirectory(), "missing", "backup");
  await rejects(
    makeBackup(optionsOf(origin, nowhere)),
    /The file system says of .*no such file or directory \(ENOENT\)/,
  );
  const foreign = temporaryDirectory();
  writeFileSync(join(foreign, "ledger.db"), "something else".repeat(1000));
  const parent = temporaryDirectory();
  await rejects(makeBackup(optionsOf(foreign, join(parent, "backup"))), "cannot be opened");
  assert.equal(readdirSync(parent), []);
});
