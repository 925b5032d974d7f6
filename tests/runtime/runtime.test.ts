import * as assert from "uvu/assert";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { suite } from "../support/suite.ts";

const it = suite("the real world");

it("makes ids of version 7, each after the one before, however many in a millisecond", () => {
  const runtime = systemRuntime();
  const before = runtime.now();
  const ids = Array.from({ length: 50_000 }, () => runtime.uuid());
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal([...ids].sort(), ids);
  assert.is(new Set(ids).size, ids.length);
  const made_at = Number.parseInt((ids[0] ?? "").replaceAll("-", "").slice(0, 12), 16);
  assert.ok(made_at >= before && made_at <= runtime.now());
});

it("gives fresh random bytes of any length", () => {
  const runtime = systemRuntime();
  for (const length of [1, 16, 511, 513, 5000]) assert.is(runtime.random(length).length, length);
  const drawn = Array.from({ length: 2000 }, () => Buffer.from(runtime.random(16)).toString("hex"));
  assert.is(new Set(drawn).size, drawn.length);
});
