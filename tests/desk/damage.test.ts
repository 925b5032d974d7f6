import * as assert from "uvu/assert";
import { incidentStream } from "../../events/stream.ts";
import { UnreadableEvent } from "../../src/ledger/ledger-errors.ts";
import { mustMatchLedger, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("a desk over a ledger with an event that cannot be read");

async function withDamagedIncident() {
  const test = await openDesk();
  await test.report();
  await test.run({ kind: "close", incident: 1 });
  const { ledger } = test;
  const read = ledger.read;
  ledger.read = async (filter) => {
    if (filter.stream === incidentStream(1)) throw new UnreadableEvent(6, "its text was changed");
    return read(filter);
  };
  return test;
}

it("fails the command that needs it, and nobody else's", async () => {
  const test = await withDamagedIncident();
  const damaged = test.run({ kind: "comment", incident: 1, text: "is anybody there?" });
  const beside = [test.report(), test.report(), test.report()];
  let failure: unknown;
  await damaged.catch((error: unknown) => {
    failure = error;
  });
  assert.instance(failure, UnreadableEvent);
  for (const outcome of await Promise.all(beside)) assert.is(outcome.kind, "written");
  assert.is(test.desk.state, "ready");
  await mustMatchLedger(test);
});

it("does not run a command whose caller was told that it failed, when the batch has to be decided again", async () => {
  const test = await withDamagedIncident();
  const { ledger } = test;
  ledger.beforeAppend = async () => {
    ledger.beforeAppend = async () => {};
    const other = await openDesk({ ledger });
    await other.report();
  };
  const damaged = test.run({ kind: "comment", incident: 1, text: "is anybody there?" }).catch(() => "failed");
  const beside = test.report();
  assert.is(await damaged, "failed");
  assert.is((await beside).kind, "written");
  const comments = await ledger.inner.read({ types: ["incident.commented"] });
  assert.is(comments.length, 0);
});
