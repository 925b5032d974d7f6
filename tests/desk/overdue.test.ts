import * as assert from "uvu/assert";
import { mustMatchLedger, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("a desk with much that is overdue");

const sleepers = 2600;

it("does it in transactions of a bounded size, in due order, before the command that found it", async () => {
  const test = await openDesk({ handlers: [] });
  const { ledger, runtime, run, report } = test;
  for (let number = 1; number <= sleepers; number += 1) {
    void report();
    void run({ kind: "snooze", incident: number, minutes: 1 + (number % 7) });
  }
  await run({ kind: "wake", incident: 1 });
  const before = (await ledger.head()).position;
  ledger.batches.length = 0;
  runtime.sleepThrough(60 * 60 * 1000);
  const outcome = await report();
  assert.is(outcome.kind, "written");
  assert.ok(Math.max(...ledger.batches) <= 3, `a transaction had ${Math.max(...ledger.batches)} commits`);
  assert.ok(ledger.batches.length >= 3, `there were ${ledger.batches.join(", ")} commits in the transactions`);
  const woken: number[] = [];
  const times: string[] = [];
  for (let after = before; ; ) {
    const page = await ledger.read({ after });
    if (page.length === 0) break;
    for (const event of page) {
      after = event.position;
      if (event.type === "incident.woken") woken.push(Number(event.stream.slice("incident/".length)));
      if (event.type === "time.passed") times.push(event.data.at);
    }
  }
  assert.is(woken.length, sleepers - 1);
  assert.is(new Set(woken).size, woken.length);
  const dueIn = (number: number) => 1 + (number % 7);
  assert.equal(
    woken.map(dueIn),
    woken.map(dueIn).sort((a, b) => a - b),
  );
  assert.is(new Set(times).size, 1, "what was left over is done as of the same time");
  await mustMatchLedger(test);
});
