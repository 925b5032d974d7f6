import * as assert from "uvu/assert";
import { isWorthKeeping, ladderLimits, type Rung, superfluous } from "../../src/readmodels/snapshot-ladder.ts";
import { suite } from "../support/suite.ts";

const it = suite("the ladder of snapshots");

/** What is left after one snapshot after another was written, each of so many bytes. */
function grown(positions: readonly number[], bytes = 1000): readonly Rung[] {
  let rungs: readonly Rung[] = [];
  for (const position of positions) {
    const all = [...rungs, { position, bytes }];
    const gone = superfluous(all);
    rungs = all.filter((rung) => !gone.includes(rung));
  }
  return rungs;
}

const every = (step: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index + 1) * step);

it("has at most sixteen rungs, spread evenly over the ledger however long it is, and always the newest two", () => {
  for (let count = 1; count <= 400; count += 1) {
    const positions = every(50_000, count);
    const rungs = grown(positions).map(({ position }) => position);
    assert.is(rungs.length, Math.min(count, ladderLimits.most), `after ${count}`);
    assert.equal(rungs.slice(-2), positions.slice(-2), `after ${count}`);
    const gaps = rungs.map((position, index) => position - (rungs[index - 1] ?? 0));
    const ideal = Math.ceil(count / ladderLimits.most) * 50_000;
    assert.ok(Math.max(...gaps) <= 2.5 * ideal, `after ${count}: ${gaps}`);
  }
});

it("is not larger than it may be, whatever that leaves, but the newest two stay", () => {
  const half = ladderLimits.most_bytes / 2;
  assert.equal(
    grown(every(10, 9), half).map(({ position }) => position),
    [80, 90],
  );
  assert.is(grown(every(10, 9), half / 2).length, 4);
  assert.is(grown(every(10, 9), half * 100).length, 2);
  assert.equal(superfluous([]), []);
});

it("gets a rung where one is missing, and none that would be the first to go", () => {
  const spacing = 50_000;
  const newest = [{ position: 1_000_000, bytes: 10 }];
  assert.ok(isWorthKeeping(newest, 60_000, spacing));
  assert.ok(isWorthKeeping([], 60_000, spacing));
  assert.not(isWorthKeeping(newest, 40_000, spacing));
  assert.not(isWorthKeeping(newest, 990_000, spacing));
  assert.not(isWorthKeeping([...newest, { position: 500_000, bytes: 10 }], 520_000, spacing));
  const full = every(1_000_000, 16).map((position) => ({ position, bytes: 10 }));
  assert.not(isWorthKeeping(full, 1_500_000, spacing));
  assert.ok(isWorthKeeping(full, 60_000_000, spacing));
});
