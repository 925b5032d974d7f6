import { spawnSync } from "node:child_process";
import * as assert from "uvu/assert";
import { attacks } from "../../scripts/torture/attacks.ts";
import { scheduleOf } from "../../scripts/torture/schedule.ts";
import { faultsOfTrace } from "../../scripts/torture/system-calls.ts";
import { suite } from "../support/suite.ts";

const it = suite("npm run torture");

const write = '7 pwrite64(20<//data/ledger.db-wal>, "<<1>>"..., 4096, 0) = 4096';
const sync = "7 fsync(20<//data/ledger.db-wal>) = 0";
const answer = '7 writev(30<socket:[1]>, [{"HTTP/1.1 201 Created"}, {"<<1>>"}], 2) = 40';

it("takes an answer that comes after a sync of what it says", () => {
  assert.equal(faultsOfTrace([write, sync, answer].join("\n")), { answers: 1, faults: [] });
});

it("objects to an answer before the sync, after one that failed, of another file, or began too early", () => {
  const begun = "8 fsync(20<//data/ledger.db-wal> <unfinished ...>";
  const ended = "8 <... fsync resumed>) = 0";
  const others = [
    [write, answer, sync],
    [write, "7 fsync(20<//data/ledger.db-wal>) = -1 EIO (Input/output error)", answer],
    [write, "7 fsync(21<//data/read.db-wal>) = 0", answer],
    [begun, write, ended, answer],
    [sync, answer],
  ];
  for (const lines of others) assert.is(faultsOfTrace(lines.join("\n")).faults.length, 1, lines.join("\n"));
  assert.is(faultsOfTrace([write, begun, ended, answer].join("\n")).faults.length, 0);
});

it("names the attacks that there are where it is asked for another", () => {
  const args = ["--import", "tsx", "scripts/torture.ts", "--only", "kindness"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.is(status, 2);
  assert.match(stderr, `There is no attack "kindness"; there are ${attacks.map(({ name }) => name).join(", ")}.`);
});

it("gives all attacks together the time that it was given, three at once where there are two processors", () => {
  for (const processors of [1, 2, 64]) {
    const { alone, lanes } = scheduleOf(attacks, 90, processors);
    const time_ms = (lane: typeof alone): number => lane.reduce((sum, one) => sum + one.time_ms, 0);
    assert.is(lanes.length, processors > 1 ? 3 : 1);
    assert.is([...alone, ...lanes.flat()].length, attacks.length);
    assert.ok(Math.abs(time_ms(alone) + Math.max(...lanes.map(time_ms)) - 90_000) < 1);
  }
});
