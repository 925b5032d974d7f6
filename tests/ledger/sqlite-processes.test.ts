import { type ChildProcess, spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { compiledForm } from "../../scripts/test/compiled-form.ts";
import { ServeLock } from "../../src/ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { chainFault } from "../support/ledger/contract.ts";
import { comment, countedRuntime, headOf, opening, report } from "../support/ledger/example-commits.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const writingProcess = compiledForm(fileURLToPath(new URL("../support/ledger/writing-process.ts", import.meta.url)));
const lockingProcess = compiledForm(fileURLToPath(new URL("../support/ledger/locking-process.ts", import.meta.url)));

function start(script: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error("the child has no output");
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

const exited = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once("exit", () => resolve()));

async function begun(): Promise<string> {
  const file = join(temporaryDirectory(), "ledger.db");
  const ledger = openSqliteLedger({ file, runtime: countedRuntime() });
  await ledger.append(0, [opening(), report(2, 1)]);
  await ledger.close();
  return file;
}

const it = suite("a ledger in SQLite among processes");

it("holds all that was acknowledged when its writer is killed, here and in a copy", async () => {
  const file = await begun();
  for (const acknowledged of [1, 150, 400]) {
    const child = start(writingProcess, file, "endless");
    const lines = linesOf(child);
    let position = 0;
    for (let count = 0; count < acknowledged; count += 1) position = Number((await lines.next()).value);
    const gone = exited(child);
    child.kill("SIGKILL");
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) position = Number(line.value);
    await gone;

    const copy = temporaryDirectory();
    for (const end of ["", "-wal"]) cpSync(file + end, join(copy, `ledger.db${end}`));
    const reader = openSqliteLedger({ file: join(copy, "ledger.db"), readonly: true });
    assert.is(await chainFault(reader), null);
    const ledger = openSqliteLedger({ file, runtime: countedRuntime() });
    const head = await ledger.head();
    assert.ok(head.position >= position && position > 4, `${head.position} is not past ${position}`);
    assert.equal(await reader.head(), head);
    assert.is(await chainFault(ledger), null);
    headOf(await ledger.append(head.position, [comment(head.position, 1, head.position - 1, "still here")]));
    await Promise.all([reader.close(), ledger.close()]);
  }
});

it("is written by two processes in turn", async () => {
  const file = await begun();
  const ledger = openSqliteLedger({ file, runtime: countedRuntime() });
  const child = start(writingProcess, file, "turns");
  const lines = linesOf(child);
  let position = 4;
  for (let round = 0; round < 5; round += 1) {
    const mine = await ledger.append(position, [comment(position, 1, position - 1, "mine")]);
    assert.is(headOf(mine).position, position + 1);
    child.stdin?.write("\n");
    assert.is(Number((await lines.next()).value), position + 2);
    const late = await ledger.append(position + 1, [comment(position + 1, 1, position, "late")]);
    assert.is(late.appended, false);
    position = late.head.position;
  }
  const gone = exited(child);
  child.stdin?.end();
  await gone;
  assert.is((await ledger.head()).position, 14);
  assert.is(await chainFault(ledger), null);
  await ledger.close();
});

it("is served by one process at a time, until that is killed", async () => {
  const directory = temporaryDirectory();
  const child = start(lockingProcess, directory);
  const lines = linesOf(child);
  assert.is((await lines.next()).value, "taken");
  assert.throws(() => ServeLock.take(directory), /Another service runs on .*; stop it first/);
  const gone = exited(child);
  child.kill("SIGKILL");
  await gone;
  const lock = ServeLock.take(directory);
  assert.throws(() => ServeLock.take(directory), /Another service runs/);
  lock.release();
  ServeLock.take(directory).release();
});
