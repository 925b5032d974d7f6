import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { writeExampleLedger } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("export and import on the command line");
const patience = { timeout_ms: 90_000 };
const data_dir = freshDirectory();
const place = freshDirectory();
const file = join(place, "ledger.ndjson");
let head = "";

it.before(async () => {
  await writeExampleLedger(data_dir, 0);
});

async function done(...args: readonly string[]) {
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  assert.is(stderr, "", stderr);
  assert.is(code, 0, stdout);
  return JSON.parse(stdout);
}

async function fails(code: number, said: RegExp | string, ...args: readonly string[]): Promise<void> {
  const result = await runCli(args);
  assert.is(result.code, code, `${result.stdout}${result.stderr}`);
  assert.match(result.stderr, said);
  assert.is(result.stderr.trim().split("\n").length, 1, result.stderr);
}

it(
  "write a ledger to a file, check it and import it, with one state hash throughout",
  async () => {
    const exported = await done("export", "--out", file, "--data-dir", data_dir);
    assert.is(statSync(file).mode & 0o777, 0o600);
    assert.equal(readdirSync(place), ["ledger.ndjson"]);
    head = `${exported.head.position}:${exported.head.hash}`;
    const other = join(place, "imported");
    const [checked, imported] = await Promise.all([
      done("verify", "--file", file, "--head", head),
      done("import", file, "--data-dir", other, "--head", head),
    ]);
    assert.is(checked.found.state_hash, exported.state_hash);
    assert.is(imported.state_hash, exported.state_hash);
    const { stdout } = await runCli(["export", "--data-dir", other]);
    assert.is(stdout, readFileSync(file, "utf8"));
  },
  patience,
);

it(
  "refuse a file that was cut off, and one that is there already",
  async () => {
    const cut = join(place, "cut.ndjson");
    writeFileSync(cut, readFileSync(file).subarray(0, 3000));
    const [checked] = await Promise.all([
      runCli(["verify", "--file", cut, "--json"]),
      fails(
        1,
        /^Line \d+: the file was cut off in the middle of this line\.$/m,
        "import",
        cut,
        "--data-dir",
        join(place, "no"),
      ),
      fails(2, "There is something at", "export", "--out", file, "--data-dir", data_dir),
    ]);
    assert.is(checked.code, 1);
    assert.match(JSON.parse(checked.stdout).faults[0].fault, "was cut off");
    assert.not(existsSync(join(place, "no")));
  },
  patience,
);
