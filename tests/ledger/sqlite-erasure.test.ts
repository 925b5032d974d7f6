import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { comment, countedRuntime, erasure, headOf, opening, report } from "../support/ledger/example-commits.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const it = suite("an erasure in the ledger's file");

const markOf = (count: number): string => `<M${String(count).padStart(6, "0")}>`;

/** A mark again and again, of one to many thousand characters: in a page, or over several. */
const textOf = (count: number): string => markOf(count).repeat(1 + ((count * 7919) % 97) * ((count % 9) + 1));

it("leaves nothing of a text anywhere, in whatever order neighbours are erased, and leaves the others whole", async () => {
  const file = join(temporaryDirectory(), "ledger.db");
  const ledger = openSqliteLedger({ file, runtime: countedRuntime(), checkpointer: false });
  let { position } = headOf(await ledger.append(0, [opening()]));
  ({ position } = headOf(await ledger.append(position, [report(position, 1)])));
  const positions: number[] = [];
  let version = 2;
  for (let count = 0; count < 200; count += 1) {
    version += 1;
    ({ position } = headOf(await ledger.append(position, [comment(position, 1, version, textOf(count))])));
    positions.push(position);
  }
  const erased = new Set<number>();
  for (let count = 0; erased.size < 120; count += 1) {
    const index = (count * 7919) % 200;
    erased.add(index);
    version += 1;
    ({ position } = headOf(await ledger.append(position, [erasure(position, positions[index] ?? 0, 1, version)])));
    if (erased.size % 30 !== 0) continue;
    const bytes = [file, `${file}-wal`].map((name) => readFileSync(name, "latin1")).join();
    const found = positions.map((_, one) => one).filter((one) => bytes.includes(markOf(one)));
    assert.equal(
      found,
      positions.map((_, one) => one).filter((one) => !erased.has(one)),
    );
  }
  await ledger.close();
});

it("waits for whoever reads, also right after the start, and tells when nothing is left", async () => {
  const file = join(temporaryDirectory(), "ledger.db");
  const options = { file, runtime: countedRuntime() };
  const holds = () => [file, `${file}-wal`].some((name) => readFileSync(name).includes(markOf(7)));
  const ledger = openSqliteLedger(options);
  let { position } = headOf(await ledger.append(0, [opening()]));
  ({ position } = headOf(await ledger.append(position, [report(position, 1, textOf(7).slice(0, 400))])));
  await ledger.whenErased();
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM events").get();
  await ledger.append(position, [erasure(position, 3, 1, 3)]);
  let isGone = false;
  const gone = ledger.whenErased().then(() => {
    isGone = true;
  });
  // As after a crash: another ledger opens the file while the reader still holds on to it.
  const other = openSqliteLedger(options);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(holds());
  assert.not(isGone);
  reader.close();
  await Promise.all([gone, other.whenErased()]);
  assert.not(holds());
  await other.close();
  await ledger.close();
});
