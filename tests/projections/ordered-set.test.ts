import { array, assert as assertProperty, integer, property, record } from "fast-check";
import * as assert from "uvu/assert";
import { OrderedSet } from "../../projections/ordered-set.ts";
import { suite } from "../support/suite.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 20_231_217);

interface Value {
  readonly key: number;
  readonly added: number;
}

const it = suite("an ordered set");

it("is always like a sorted array, whatever is added and deleted", () => {
  const steps = array(record({ key: integer({ min: 0, max: 60 }), deletes: integer({ min: 0, max: 2 }) }), {
    minLength: 1,
    maxLength: 150,
  });
  const holds = property(steps, (list) => {
    const set = new OrderedSet<Value>((a, b) => a.key - b.key);
    let sorted: Value[] = [];
    for (const [added, { key, deletes }] of list.entries()) {
      sorted = sorted.filter((value) => value.key !== key);
      if (deletes === 0) {
        set.delete({ key, added });
      } else {
        set.add({ key, added });
        sorted.push({ key, added });
        sorted.sort((a, b) => a.key - b.key);
      }
      assert.is(set.size, sorted.length);
      assert.equal(set.first(), sorted[0]);
      assert.is(set.rankOf({ key, added }), sorted.filter((value) => value.key < key).length);
    }
    assert.equal([...set.values()], sorted);
    const middle = Math.floor(sorted.length / 2);
    assert.equal([...set.values(middle)], sorted.slice(middle));
    assert.equal([...set.values(sorted.length)], []);
    for (const [rank, value] of sorted.entries()) assert.is(set.rankOf(value), rank);
  });
  console.log(`\nseed ${seed} (SIMULATION_SEED)`);
  assertProperty(holds, { numRuns: 500, seed });
});

it("compares as often as the logarithm of its size, also where values come in order", () => {
  const size = 100_000;
  // An AVL tree of n values is at most 1.4405 log2(n + 2) levels high (Knuth, vol. 3, 6.2.3).
  const levels = Math.ceil(1.4405 * Math.log2(size + 2));
  let comparisons = 0;
  const set = new OrderedSet<number>((a, b) => {
    comparisons += 1;
    return a - b;
  });
  const most = (step: () => void): number => {
    comparisons = 0;
    step();
    return comparisons;
  };
  for (let value = 0; value < size; value += 1) assert.ok(most(() => set.add(value)) <= levels);
  for (let value = 0; value < size; value += 997) {
    assert.ok(most(() => assert.is(set.rankOf(value), value)) <= levels);
    assert.is(
      most(() => assert.is(set.values(value).next().value, value)),
      0,
    );
  }
  // Taking out a value with two children takes its successor out of the right one as well.
  for (let value = 0; value < size; value += 2) assert.ok(most(() => set.delete(value)) <= 2 * levels);
  assert.is(set.size, size / 2);
  assert.is(set.rankOf(50_001), 25_000);
  assert.is(
    most(() => assert.is(set.first(), 1)),
    0,
  );
});

it("keeps the newer of two values that are the same, and does not mind one that is not there", () => {
  const set = new OrderedSet<Value>((a, b) => a.key - b.key);
  set.add({ key: 1, added: 1 });
  set.add({ key: 1, added: 2 });
  set.delete({ key: 9, added: 0 });
  assert.equal([...set.values()], [{ key: 1, added: 2 }]);
});
