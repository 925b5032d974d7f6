import * as assert from "uvu/assert";
import { RateLimiter } from "../../../src/http/protection/rate-limiter.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";
import { suite } from "../../support/suite.ts";

const it = suite("a limit of rates");

const open = (per_minute: number, callers = 100) => {
  const runtime = new FakeRuntime();
  const limiter = new RateLimiter({ name: "tests", per_minute, callers, runtime });
  const taken = (caller: string, times: number): number =>
    Array.from({ length: times }, () => limiter.take(caller)).filter(({ is_over }) => !is_over).length;
  return { runtime, limiter, taken };
};

it("lets as many through at once as a minute has, for each caller", () => {
  const { taken } = open(60);
  assert.equal([taken("a", 100), taken("b", 59), taken("b", 5)], [60, 59, 1]);
});

it("fills up evenly, and never beyond the brim", () => {
  const { runtime, taken } = open(60);
  taken("a", 60);
  runtime.sleepThrough(999);
  assert.is(taken("a", 5), 0);
  runtime.sleepThrough(1);
  assert.is(taken("a", 5), 1);
  runtime.sleepThrough(10_000);
  assert.is(taken("a", 50), 10);
  runtime.sleepThrough(3_600_000);
  assert.is(taken("a", 100), 60);
});

it("says how many are left, when all are back, and when the next can come", () => {
  const { runtime, limiter } = open(6);
  assert.is(limiter.policy, '"tests";q=6;w=60');
  const first = limiter.take("a");
  assert.equal(first, { is_over: false, remaining: 5, reset_seconds: 10, retry_seconds: 0 });
  assert.is(limiter.told(first), '"tests";r=5;t=10');
  for (let count = 0; count < 5; count += 1) limiter.take("a");
  assert.equal(limiter.take("a"), { is_over: true, remaining: 0, reset_seconds: 60, retry_seconds: 10 });
  runtime.sleepThrough(9_500);
  assert.is(limiter.take("a").retry_seconds, 1);
});

it("lets whoever waits as long as it was told through, whatever the rate", () => {
  for (const per_minute of [1, 7, 60, 61, 999, 1_000_000]) {
    const { runtime, limiter, taken } = open(per_minute);
    assert.is(taken("a", Math.min(per_minute, 5000)), Math.min(per_minute, 5000), String(per_minute));
    for (let round = 0; round < 50; round += 1) {
      const { is_over, retry_seconds } = limiter.take("a");
      if (!is_over) continue;
      runtime.sleepThrough(retry_seconds * 1000);
      assert.is(limiter.take("a").is_over, false, String(per_minute));
    }
  }
});

it("does not count what it turns away, nor who only looks", () => {
  const { runtime, limiter, taken } = open(60);
  taken("a", 60);
  taken("a", 10_000);
  runtime.sleepThrough(1000);
  for (let count = 0; count < 10; count += 1) assert.is(limiter.look("a").is_over, false);
  assert.is(taken("a", 2), 1);
  assert.is(limiter.look("a").is_over, true);
  assert.equal(limiter.look("b"), { is_over: false, remaining: 60, reset_seconds: 0, retry_seconds: 0 });
});

it("remembers so many callers at most, those that were seen last", () => {
  const { limiter, taken } = open(2, 3);
  for (const caller of ["a", "b", "c"]) taken(caller, 2);
  taken("a", 1);
  taken("d", 1);
  assert.is(limiter.size, 3);
  assert.equal([limiter.look("a").is_over, limiter.look("c").is_over, limiter.look("b").is_over], [true, true, false]);
  for (let caller = 0; caller < 10_000; caller += 1) limiter.take(String(caller));
  assert.is(limiter.size, 3);
});

it("forgets everybody as soon as all may come as often as ever", () => {
  const { runtime, limiter, taken } = open(60);
  assert.ok(limiter.is_idle);
  taken("a", 60);
  taken("b", 1);
  runtime.sleepThrough(59_999);
  assert.not(limiter.is_idle);
  runtime.sleepThrough(2);
  assert.ok(limiter.is_idle);
  assert.is(limiter.size, 0);
});
