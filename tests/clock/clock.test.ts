import * as assert from "uvu/assert";
import { Clock } from "../../src/clock/clock.ts";
import { type DeskUnderTest, mustMatchLedger, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

/** A desk with a clock that runs. */
async function openWithClock(handlers: readonly string[] = ["Alice"]): Promise<DeskUnderTest & { clock: Clock }> {
  const test = await openDesk({ handlers });
  const onTrouble = (what: string) => test.troubles.push(what);
  const clock = new Clock({ desk: test.desk, runtime: test.runtime, onTrouble });
  clock.start();
  return { ...test, clock };
}

/** Type, incident and time of every event that the clock brought about. */
async function doneByClock({ ledger }: DeskUnderTest): Promise<string[]> {
  const events = [];
  for (let after = 0; ; ) {
    const page = await ledger.read({ after });
    if (page.length === 0) break;
    events.push(...page);
    after = page.at(-1)?.position ?? 0;
  }
  return events
    .filter(({ actor }) => actor === "clock")
    .map(({ type, stream, recorded_at }) => `${type} ${stream} ${recorded_at}`);
}

const it = suite("the clock");

it("wakes what sleeps, at its time and not before", async () => {
  const test = await openWithClock();
  await test.report();
  await test.run({ kind: "snooze", incident: 1, until: "2026-01-05T09:00:00.000Z" });
  await test.runtime.pass(hour_ms - 1);
  assert.is(test.desk.board.incidents.get(1)?.status, "snoozed");
  await test.runtime.pass(1);
  assert.is(test.desk.board.incidents.get(1)?.status, "assigned");
  assert.equal(await doneByClock(test), [
    "time.passed ledger 2026-01-05T09:00:00.000Z",
    "incident.woken incident/1 2026-01-05T09:00:00.000Z",
  ]);
  await mustMatchLedger(test);
});

it("writes nothing while nothing is due", async () => {
  const test = await openWithClock();
  await test.report();
  const before = await test.ledger.head();
  await test.runtime.pass(60_000);
  assert.equal(await test.ledger.head(), before);
});

it("moves what nobody acknowledges to somebody else, and gives up on nobody", async () => {
  const test = await openWithClock(["Alice", "Bob"]);
  await test.run({ kind: "change-team", team: "default", rules: { ack_timeout_seconds: 60 } });
  await test.report();
  await test.runtime.pass(60_000 + 60_000 + 120_000);
  assert.equal(await doneByClock(test), [
    "time.passed ledger 2026-01-05T08:01:00.000Z",
    "incident.rerouted incident/1 2026-01-05T08:01:00.000Z",
    "time.passed ledger 2026-01-05T08:02:00.000Z",
    "incident.ack-timed-out incident/1 2026-01-05T08:02:00.000Z",
    "time.passed ledger 2026-01-05T08:04:00.000Z",
    "incident.ack-timed-out incident/1 2026-01-05T08:04:00.000Z",
  ]);
});

it("closes what has been resolved for long enough", async () => {
  const test = await openWithClock();
  await test.run({ kind: "change-team", team: "default", rules: { auto_close_days: 1 } });
  await test.report();
  await test.run({ kind: "resolve", incident: 1 });
  test.runtime.sleepThrough(day_ms - 2000);
  await test.runtime.pass(1999);
  assert.is(test.desk.board.resolved.size, 1);
  await test.runtime.pass(1);
  assert.equal(await doneByClock(test), [
    "time.passed ledger 2026-01-06T08:00:00.000Z",
    "incident.auto-closed incident/1 2026-01-06T08:00:00.000Z",
  ]);
  await mustMatchLedger(test);
});

it("does the work of a day's standstill once, in due order, and counts on from now", async () => {
  const test = await openWithClock(["Alice", "Bob"]);
  await test.run({ kind: "change-team", team: "default", rules: { ack_timeout_seconds: 600 } });
  await test.report();
  await test.report();
  await test.run({ kind: "snooze", incident: 2, until: "2026-01-05T20:00:00.000Z" });
  await test.report();
  await test.run({ kind: "snooze", incident: 3, until: "2026-01-05T10:00:00.000Z" });
  test.runtime.sleepThrough(day_ms);
  await test.runtime.pass(1);
  const at = "2026-01-06T08:00:00.000Z";
  assert.equal(await doneByClock(test), [
    `time.passed ledger ${at}`,
    `incident.rerouted incident/1 ${at}`,
    `incident.woken incident/3 ${at}`,
    `incident.woken incident/2 ${at}`,
    `incident.assigned incident/2 ${at}`,
    `incident.queued incident/3 ${at}`,
  ]);
  assert.is(test.desk.board.nextDue()?.at, "2026-01-06T08:10:00.000Z");
  await test.runtime.pass(9 * 60_000);
  assert.is((await doneByClock(test)).length, 6);
});

it("does more than 500 overdue things in several commits of the same time", async () => {
  const test = await openWithClock([]);
  const count = 1234;
  await Promise.all(Array.from({ length: count }, () => test.report()));
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      test.run({ kind: "snooze", incident: index + 1, minutes: 60 + (index % 7) }),
    ),
  );
  test.runtime.sleepThrough(day_ms);
  await test.runtime.pass(1);
  const done = await doneByClock(test);
  assert.equal(
    done.filter((line) => line.startsWith("time.passed")),
    Array.from({ length: 3 }, () => "time.passed ledger 2026-01-06T08:00:00.000Z"),
  );
  const woken = done
    .filter((line) => line.startsWith("incident.woken"))
    .map((line) => Number(/\/(\d+)/.exec(line)?.[1]));
  const wanted = Array.from({ length: count }, (_, index) => index + 1);
  wanted.sort((a, b) => ((a - 1) % 7) - ((b - 1) % 7) || a - b);
  assert.equal(woken, wanted);
  assert.is(test.desk.board.queueOf("default").size, count);
  assert.is(test.desk.board.nextDue(), undefined);
  await mustMatchLedger(test);
});

it("learns within a second what another writer appended", async () => {
  const test = await openWithClock();
  const other = await openDesk({ ledger: test.ledger, runtime: test.runtime });
  await other.report();
  assert.is(test.desk.board.incidents.size, 0);
  await test.runtime.pass(1000);
  assert.is(test.desk.board.incidents.size, 1);
});

it("waits while the storage fails, and does what is due when it is back", async () => {
  const test = await openWithClock();
  await test.report();
  await test.run({ kind: "snooze", incident: 1, minutes: 1 });
  test.ledger.failures = ["before"];
  test.ledger.failing_probes = 8;
  await test.runtime.pass(61_000);
  assert.is(test.desk.state, "failing");
  assert.ok(test.troubles.includes("the clock could not tell the time"));
  await test.runtime.pass(60_000);
  assert.is(test.desk.state, "ready");
  assert.is(test.desk.board.incidents.get(1)?.status, "assigned");
  await mustMatchLedger(test);
});

it("stops", async () => {
  const test = await openWithClock();
  await test.report();
  await test.run({ kind: "snooze", incident: 1, minutes: 1 });
  await test.clock.stop();
  assert.is(test.runtime.timers, 0);
  await test.runtime.pass(hour_ms);
  assert.is(test.desk.board.incidents.get(1)?.status, "snoozed");
});
