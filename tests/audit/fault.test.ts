import * as assert from "uvu/assert";
import { FaultList, sentenceOf } from "../../src/audit/fault.ts";
import { StreamVersions } from "../../src/audit/stream-versions.ts";
import { suite } from "../support/suite.ts";

const it = suite("what an audit keeps");

it("is every fault counted and the first hundred by position", () => {
  const faults = new FaultList();
  faults.add(null, "the file is damaged");
  for (let position = 300; position > 0; position -= 1) faults.add(position, "it was changed");
  assert.is(faults.count, 301);
  assert.is(faults.first.length, 100);
  assert.equal(
    faults.first.map(({ position }) => position),
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
});

it("is said as a sentence", () => {
  assert.is(sentenceOf({ position: 17, fault: "its text is gone" }), "position 17: its text is gone");
  assert.is(sentenceOf({ position: null, fault: "read.db is damaged" }), "read.db is damaged");
});

it("is the version of every stream, however large its number", () => {
  const versions = new StreamVersions();
  for (const stream of ["incident/1", "incident/5000", "incident/999999999999", "handler/Alice", "ledger"]) {
    assert.is(versions.take(stream, 1), 1);
    assert.is(versions.take(stream, 2), 2);
    assert.is(versions.take(stream, 7), 3);
    assert.is(versions.take(stream, 8), 8);
  }
});
