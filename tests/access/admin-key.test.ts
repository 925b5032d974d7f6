import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { adminKey } from "../../src/access/admin-key.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const it = suite("the administrator's key");
const runtime = systemRuntime();
let data_dir: string;
let file: string;

it.before.each(() => {
  data_dir = temporaryDirectory();
  file = join(data_dir, "admin.key");
});

it("is made at the first start, for its owner only, and kept", () => {
  const first = adminKey(null, data_dir, runtime);
  assert.match(first.key, /^il_admin_[A-Za-z0-9_-]{43}$/);
  assert.equal(first, { key: first.key, file, made_now: true });
  assert.is(readFileSync(file, "utf8"), `${first.key}\n`);
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.equal(readdirSync(data_dir), ["admin.key"]);
  chmodSync(file, 0o644);
  assert.equal(adminKey(null, data_dir, runtime), { key: first.key, file, made_now: false });
  assert.is(statSync(file).mode & 0o777, 0o600);
});

it("is made again where a kill left an empty file", () => {
  for (const left of ["", "\n"]) {
    writeFileSync(file, left);
    const { key, made_now } = adminKey(null, data_dir, runtime);
    assert.is(made_now, true);
    assert.is(adminKey(null, data_dir, runtime).key, key);
    assert.is(statSync(file).mode & 0o777, 0o600);
  }
});

it("is made where a kill left half of one that was not yet in its place", () => {
  writeFileSync(`${file}.tmp`, "il_admin_half");
  chmodSync(`${file}.tmp`, 0o666);
  const { key, made_now } = adminKey(null, data_dir, runtime);
  assert.is(made_now, true);
  assert.is(readFileSync(file, "utf8"), `${key}\n`);
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.equal(readdirSync(data_dir), ["admin.key"]);
});

it("is refused where the file holds something else", () => {
  for (const content of ["too short", "long enough but several words"]) {
    writeFileSync(file, content);
    assert.throws(() => adminKey(null, data_dir, runtime), /holds no key of at least 16 characters; delete it/);
    assert.is(readFileSync(file, "utf8"), content);
  }
});

it("is the configured one where there is one, and no file is made", () => {
  const configured = "a key from the configuration";
  assert.equal(adminKey(configured, data_dir, runtime), { key: configured, file: null, made_now: false });
  assert.equal(readdirSync(data_dir), []);
});
