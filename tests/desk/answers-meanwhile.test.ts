import * as assert from "uvu/assert";
import { openDesk } from "../support/desk-under-test.ts";
import { settled } from "../support/fake-runtime.ts";
import { suite } from "../support/suite.ts";

const it = suite("answers of a desk whose ledger is written elsewhere");

/** A desk whose appends are written when the test says so. */
async function openHeld() {
  const test = await openDesk({ is_written_elsewhere: true, handlers: ["Alice"] });
  const begun: (() => void)[] = [];
  test.ledger.beforeAppend = () => new Promise<void>((resolve) => begun.push(resolve));
  const told: string[] = [];
  const report = (name: string): void => {
    void test.report().then(
      ({ kind }) => told.push(`${name} ${kind}`),
      () => told.push(`${name} failed`),
    );
  };
  /** Lets the append that has begun be written. */
  const write = async (): Promise<void> => {
    await settled();
    begun.shift()?.();
    await settled();
  };
  return { ...test, begun, told, report, write };
}

it("are given when they are durable, while the next batch is written", async () => {
  const { begun, told, report, write, desk } = await openHeld();
  report("first");
  await settled();
  for (const name of ["second", "third", "fourth"]) report(name);
  await settled();
  assert.equal(told, []);
  await write();
  assert.equal(told, ["first written"]);
  assert.is(begun.length, 1, "the next batch is on its way");
  assert.is(desk.board.last_incident, 3, "two of the three that waited, half of all");
  await write();
  assert.equal(told, ["first written", "second written", "third written"]);
  await write();
  assert.equal(told, ["first written", "second written", "third written", "fourth written"]);
  await desk.close();
});

it("stay what they were where the next batch fails", async () => {
  const { told, report, write, ledger, desk, runtime } = await openHeld();
  report("first");
  await settled();
  report("second");
  await write();
  ledger.failures = ["before"];
  await write();
  assert.equal(told, ["first written", "second failed"]);
  ledger.beforeAppend = async () => {};
  await runtime.pass(1000);
  assert.is(desk.board.last_incident, 1);
});

it("leave a moment between two batches to whoever reads the board", async () => {
  const { report, write, desk } = await openHeld();
  report("first");
  await settled();
  report("second");
  const seen: (readonly number[])[] = [];
  void desk.readable().then(() => seen.push([desk.board.last_incident, desk.board.position, desk.durable_position]));
  await write();
  const [shown] = seen;
  assert.is(shown?.[0], 1);
  assert.is(shown?.[1], shown?.[2]);
  await write();
  assert.is(desk.board.last_incident, 2);
  await desk.close();
});

it("do not wait for others where the disk is slow: all who return go together", async () => {
  const { told, report, write, desk, runtime } = await openHeld();
  report("first");
  await settled();
  for (const name of ["second", "third", "fourth"]) report(name);
  await runtime.pass(20);
  await write();
  assert.equal(told, ["first written"]);
  assert.is(desk.board.last_incident, 1, "a moment is given to return");
  report("fifth");
  await runtime.pass(5);
  await settled();
  assert.is(desk.board.last_incident, 5);
  await write();
  assert.is(told.length, 5);
  await desk.close();
});
