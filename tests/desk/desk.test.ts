import * as assert from "uvu/assert";
import { boardState } from "../../projections/board-state.ts";
import { DeskUnavailable, type Outcome } from "../../src/desk/submission.ts";
import { keyOf, mustHaveHeardAll, mustMatchLedger, openDesk } from "../support/desk-under-test.ts";
import { FakeRuntime, settled } from "../support/fake-runtime.ts";
import { suite } from "../support/suite.ts";

function typesOf(outcome: Outcome): string[] {
  return outcome.kind === "written" ? outcome.events.map(({ type }) => type) : [outcome.kind];
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "taken";
  } catch (error) {
    return error instanceof DeskUnavailable ? error.reason : String(error);
  }
}

const batches = suite("batches of the desk");

batches("what has gathered goes into one transaction, each command a commit of its own", async () => {
  const test = await openDesk();
  const outcomes = await Promise.all([test.report(), test.report(), test.report()]);
  assert.equal(test.ledger.batches, [1, 3]);
  assert.equal(outcomes.map(typesOf), [
    ["incident.reported", "incident.assigned"],
    ["incident.reported", "incident.assigned"],
    ["incident.reported", "incident.queued"],
  ]);
  assert.equal(
    new Set(outcomes.flatMap((one) => (one.kind === "written" ? one.events : [])).map((e) => e.command_id)).size,
    3,
  );
  await mustMatchLedger(test);
});

batches("are no longer than they may be", async () => {
  const test = await openDesk({ batch_length: 2 });
  await Promise.all([test.report(), test.report(), test.report(), test.report(), test.report()]);
  assert.equal(test.ledger.batches, [1, 2, 2, 1]);
});

batches("hold several commands on one incident, also after it has ended", async () => {
  const test = await openDesk();
  await test.report();
  const outcomes = await Promise.all([
    test.run({ kind: "close", incident: 1 }),
    test.run({ kind: "reopen", incident: 1 }),
    test.run({ kind: "comment", incident: 1, text: "again" }),
    test.run({ kind: "dismiss", incident: 1 }),
    test.run({ kind: "comment", incident: 1, text: "no" }),
  ]);
  assert.equal(outcomes.map(typesOf), [
    ["incident.resolved", "incident.closed"],
    ["incident.reopened", "incident.assigned"],
    ["incident.commented"],
    ["incident.dismissed"],
    ["incident.commented"],
  ]);
  assert.equal(test.ledger.batches, [1, 1, 5]);
  await mustMatchLedger(test);
});

batches("write nothing for a refusal or where nothing is to do, and answer the others", async () => {
  const test = await openDesk();
  await test.report();
  const before = await test.ledger.head();
  const [refused, unchanged] = await Promise.all([
    test.run({ kind: "resolve", incident: 9 }),
    test.run({ kind: "reopen", incident: 1 }),
  ]);
  assert.is(refused.kind, "refused");
  assert.is(unchanged.kind, "unchanged");
  assert.equal(await test.ledger.head(), before);
  const [written, other] = await Promise.all([test.report(), test.run({ kind: "resolve", incident: 9 })]);
  assert.equal([written.kind, other.kind], ["written", "refused"]);
});

batches("turn away what does not fit into the queue, and take it later", async () => {
  const test = await openDesk({ queue_length: 2 });
  const taken = [test.report(), test.report()];
  assert.is(await reasonOf(test.report()), "queue-full");
  await Promise.all(taken);
  assert.is((await test.report()).kind, "written");
  assert.is(test.desk.board.last_incident, 3);
});

batches("turn away what has waited too long, write nothing of it, and take it when it comes again", async () => {
  const test = await openDesk({ batch_length: 2, longest_wait_ms: 1000 });
  test.ledger.beforeAppend = async () => {
    test.ledger.beforeAppend = async () => {};
    test.runtime.sleepThrough(1001);
  };
  const taken = [test.report(), test.report()];
  const late = [reasonOf(test.report()), reasonOf(test.report()), reasonOf(test.report())];
  assert.equal(await Promise.all(late), ["queue-full", "queue-full", "queue-full"]);
  assert.equal(
    (await Promise.all(taken)).map(({ kind }) => kind),
    ["written", "written"],
  );
  assert.is((await test.report()).kind, "written");
  assert.is(test.desk.board.last_incident, 3);
  await mustMatchLedger(test);
});

batches("are all written before the desk is closed; nothing is taken then", async () => {
  const test = await openDesk({ batch_length: 1 });
  const taken = [test.report(), test.report(), test.report()];
  const closed = test.desk.close();
  assert.is(await reasonOf(test.report()), "closing");
  await closed;
  assert.equal(
    (await Promise.all(taken)).map(({ kind }) => kind),
    ["written", "written", "written"],
  );
  await mustMatchLedger(test);
});

const ended = suite("incidents that have ended");

ended("are laid beside the board for the command that names them, and not kept", async () => {
  const test = await openDesk();
  await test.report();
  await test.report({ dedup_key: "disk/full" });
  await test.run({ kind: "close", incident: 1 });
  await test.run({ kind: "close", incident: 2 });
  assert.is(test.desk.board.beside.size, 0);
  const commented = await test.run({ kind: "comment", incident: 1, text: "later" });
  assert.is(commented.kind === "written" ? commented.incident?.status : "", "closed");
  assert.is(commented.kind === "written" ? commented.incident?.version : 0, 5);
  const reopened = await test.run({ kind: "reopen", incident: 2 });
  assert.equal(reopened.kind === "written" ? reopened.incident?.dedup_keys : [], ["disk/full"]);
  const merge = await test.run({ kind: "merge", incident: 2, into: 1 });
  assert.is(merge.kind === "refused" ? merge.refusal.code : "", "merge-target-not-open");
  assert.is(test.desk.board.beside.size, 0);
  await mustMatchLedger(test);
});

ended("are not found once they are deleted", async () => {
  const test = await openDesk();
  await test.report();
  await test.run({ kind: "delete", incident: 1 });
  const outcome = await test.run({ kind: "comment", incident: 1, text: "?" });
  assert.is(outcome.kind === "refused" ? outcome.refusal.code : "", "incident-not-found");
});

const again = suite("a command that comes again");

again("under the same key with the same body gives the stored outcome and changes nothing", async () => {
  const test = await openDesk({ handlers: [] });
  const incident_id = test.runtime.uuid();
  await test.report({ severity: 1 });
  const first = await test.run({ kind: "report", incident_id, severity: 2 }, { idempotency: keyOf("one") });
  await test.report({ severity: 1 });
  await test.run({ kind: "resolve", incident: 2 });
  const head = await test.ledger.head();
  const second = await test.run({ kind: "report", incident_id, severity: 2 }, { idempotency: keyOf("one") });
  assert.ok(first.kind === "written" && second.kind === "written");
  assert.equal(second.repeated, { status: 201 });
  assert.equal(second.incident, first.incident);
  assert.is(first.queue_position, 2);
  assert.is(second.queue_position, 2);
  assert.is(second.position, first.position);
  assert.equal(
    second.events.map(({ position }) => position),
    first.events.map(({ position }) => position),
  );
  assert.equal(await test.ledger.head(), head);
});

again("under the same key with another body is refused as such", async () => {
  const test = await openDesk();
  await test.run({ kind: "report", incident_id: test.runtime.uuid() }, { idempotency: keyOf("one", "a") });
  const other = await test.run(
    { kind: "report", incident_id: test.runtime.uuid() },
    { idempotency: keyOf("one", "b") },
  );
  assert.is(other.kind, "key-reused");
  assert.is(test.desk.board.last_incident, 1);
});

again("within one batch is decided once, whether by key or by command id", async () => {
  const test = await openDesk();
  const command = { kind: "report", incident_id: test.runtime.uuid() } as const;
  const [first, second, other] = await Promise.all([
    test.run(command, { idempotency: keyOf("one", "a") }),
    test.run(command, { idempotency: keyOf("one", "a") }),
    test.run(command, { idempotency: keyOf("one", "b") }),
  ]);
  assert.equal([first?.kind, second?.kind, other?.kind], ["written", "written", "key-reused"]);
  assert.ok(second?.kind === "written" && second.repeated !== undefined);
  const command_id = test.runtime.uuid();
  const comment = { kind: "comment", incident: 1, text: "once" } as const;
  const comments = await Promise.all([test.run(comment, { command_id }), test.run(comment, { command_id })]);
  assert.equal(
    comments.map(({ position }) => position),
    [comments[0].position, comments[0].position],
  );
  assert.is(test.desk.board.incidents.get(1)?.version, 3);
});

again("with the same command id gives the commit that it made", async () => {
  const test = await openDesk();
  const command_id = test.runtime.uuid();
  const first = await test.report();
  const resolved = await test.run({ kind: "resolve", incident: 1 }, { command_id });
  const later = await test.run({ kind: "resolve", incident: 1 }, { command_id });
  assert.is(first.kind, "written");
  assert.ok(resolved.kind === "written" && later.kind === "written");
  assert.equal(later.incident, resolved.incident);
  assert.is(later.position, resolved.position);
});

again(
  "and released the work of a handler who was away already gives the handler's answer, not an incident's",
  async () => {
    const test = await openDesk({ handlers: ["Alice"] });
    await test.report();
    await test.run({ kind: "change-handler", handler: "Alice", available: false });
    const release = { kind: "change-handler", handler: "Alice", available: false, release: true } as const;
    const first = await test.run(release, { idempotency: keyOf("one") });
    assert.equal(typesOf(first), ["incident.handed-back", "incident.queued"]);
    const second = await test.run(release, { idempotency: keyOf("one") });
    assert.ok(first.kind === "written" && second.kind === "written");
    assert.equal(second.incident, first.incident);
    const record = await test.ledger.idempotencyOf("admin", "one", "");
    assert.equal([record?.stream, record?.version], ["handler/Alice", 2]);
  },
);

again("after a refusal is decided anew: nothing was remembered", async () => {
  const test = await openDesk();
  const resolve = { kind: "resolve", incident: 1 } as const;
  const refused = await test.run(resolve, { idempotency: keyOf("one", "a") });
  assert.is(refused.kind, "refused");
  await test.report();
  const done = await test.run(resolve, { idempotency: keyOf("one", "b") });
  assert.is(done.kind, "written");
});

again("after seven days is decided anew", async () => {
  const test = await openDesk();
  const comment = { kind: "comment", incident: 1, text: "twice" } as const;
  await test.report();
  await test.run(comment, { idempotency: keyOf("one") });
  test.runtime.sleepThrough(7 * 86_400_000 + 1);
  const second = await test.run(comment, { idempotency: keyOf("one") });
  assert.ok(second.kind === "written" && second.repeated === undefined);
});

const second = suite("a second writer");

second("moves the head between: the command is decided again on what is there now", async () => {
  const test = await openDesk({ handlers: ["Alice"] });
  const other = await openDesk({ ledger: test.ledger, runtime: test.runtime });
  test.ledger.beforeAppend = async () => {
    test.ledger.beforeAppend = async () => {};
    await other.report({ severity: 1 });
  };
  const outcome = await test.report({ severity: 2 });
  assert.equal(typesOf(outcome), ["incident.reported", "incident.queued"]);
  assert.is(outcome.kind === "written" ? outcome.incident?.number : 0, 2);
  await mustMatchLedger(test);
  await mustHaveHeardAll(test, 3);
});

second("is caught up with before the next command, and listeners hear of it", async () => {
  const test = await openDesk();
  const other = await openDesk({ ledger: test.ledger, runtime: test.runtime });
  await other.report();
  await other.report();
  await test.desk.catchUp();
  assert.is(test.desk.board.incidents.size, 2);
  await mustMatchLedger(test);
  await mustHaveHeardAll(test, 4);
});

second("wrote more than a page: nobody is shown half a commit", async () => {
  const test = await openDesk({ handlers: ["Alice"] });
  const other = await openDesk({ ledger: test.ledger, runtime: test.runtime });
  await other.report();
  await other.run({ kind: "comment", incident: 1, text: "so that pages end within commits" });
  await Promise.all(Array.from({ length: 600 }, () => other.report()));
  const halves: number[] = [];
  test.desk.onCommitted((events) => {
    const last = events.at(-1);
    if (last !== undefined && last.meta.offset + 1 < last.meta.events) halves.push(last.position);
  });
  const read = test.ledger.read;
  test.ledger.read = async (filter) => {
    const shown = (await read({ after: test.desk.board.position - 1, limit: 1 }))[0];
    if (shown !== undefined && shown.meta.offset + 1 < shown.meta.events) halves.push(shown.position);
    return read(filter);
  };
  await test.desk.catchUp();
  assert.equal(halves, []);
  await mustMatchLedger(test);
});

second("may have written the same command: it is found by its id", async () => {
  const test = await openDesk();
  const other = await openDesk({ ledger: test.ledger, runtime: test.runtime });
  const command_id = test.runtime.uuid();
  const command = { kind: "report", incident_id: test.runtime.uuid() } as const;
  test.ledger.beforeAppend = async () => {
    test.ledger.beforeAppend = async () => {};
    await other.run(command, { command_id });
  };
  const outcome = await test.run(command, { command_id });
  assert.is(outcome.kind, "written");
  assert.is(test.desk.board.last_incident, 1);
  await mustMatchLedger(test);
});

const failing = suite("a failing append");

failing("that wrote nothing: nobody is told yes, and the board forgets what it had decided", async () => {
  const test = await openDesk();
  await test.report();
  test.ledger.failures = ["before"];
  const reasons = await Promise.all([reasonOf(test.report()), reasonOf(test.report())]);
  assert.equal(reasons, ["storage-failing", "storage-failing"]);
  await test.runtime.pass(1);
  assert.is(test.desk.state, "ready");
  assert.is(test.desk.board.last_incident, 1);
  await mustMatchLedger(test);
  assert.is((await test.report()).kind, "written");
  assert.ok(test.troubles.length > 0);
});

failing("that wrote all the same: the board holds it, listeners hear of it, and the key finds it", async () => {
  const test = await openDesk();
  const after = test.desk.durable_position;
  test.ledger.failures = ["after"];
  const command = { kind: "report", incident_id: test.runtime.uuid() } as const;
  assert.is(await reasonOf(test.run(command, { idempotency: keyOf("one") })), "storage-failing");
  await test.runtime.pass(1);
  await mustMatchLedger(test);
  assert.is(test.desk.board.last_incident, 1);
  const repeated = await test.run(command, { idempotency: keyOf("one") });
  assert.ok(repeated.kind === "written" && repeated.repeated !== undefined);
  await test.report();
  await mustHaveHeardAll(test, after);
});

failing("closes the desk to commands until a probe succeeds, with growing pauses", async () => {
  const test = await openDesk();
  test.ledger.failures = ["before"];
  test.ledger.failing_probes = 3;
  assert.is(await reasonOf(test.report()), "storage-failing");
  await settled();
  assert.is(test.desk.state, "failing");
  assert.is(await reasonOf(test.report()), "storage-failing");
  await test.runtime.pass(100 + 200);
  assert.is(test.desk.state, "failing");
  await test.runtime.pass(400);
  assert.is(test.desk.state, "ready");
  assert.is((await test.report()).kind, "written");
  await mustMatchLedger(test);
});

failing("leaves readers waiting until the board is folded anew, not longer", async () => {
  const test = await openDesk();
  test.ledger.failures = ["before"];
  test.ledger.failing_reopens = 2;
  test.ledger.is_unreadable = true;
  test.ledger.failing_probes = 5;
  assert.is(await reasonOf(test.report()), "storage-failing");
  await settled();
  let isReadable = false;
  const readable = test.desk.readable().then(() => {
    isReadable = true;
  });
  await settled();
  assert.is(isReadable, false);
  await test.runtime.pass(300);
  await readable;
  assert.is(test.desk.state, "failing");
  assert.is(test.desk.board.last_incident, 0);
});

failing("shows what was durable before, where the file can be read but not opened anew", async () => {
  const test = await openDesk();
  await test.report();
  test.ledger.failures = ["before"];
  test.ledger.failing_reopens = 3;
  assert.is(await reasonOf(test.report()), "storage-failing");
  await test.desk.readable();
  assert.is(test.desk.board.last_incident, 1);
  await test.runtime.pass(100 + 200);
  assert.is(test.desk.state, "failing");
  await test.runtime.pass(400);
  assert.is(test.desk.state, "ready");
  await test.report();
  await mustMatchLedger(test);
});

failing("turns readers away who would wait too long", async () => {
  const test = await openDesk();
  test.ledger.failures = ["before"];
  test.ledger.failing_reopens = 100;
  test.ledger.is_unreadable = true;
  assert.is(await reasonOf(test.report()), "storage-failing");
  await settled();
  const reason = reasonOf(test.desk.readable());
  await test.runtime.pass(5000);
  assert.is(await reason, "storage-failing");
});

failing("loses nothing that was acknowledged, whatever fails when", async () => {
  const test = await openDesk({ batch_length: 3 });
  const acknowledged: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    test.ledger.failures = round % 3 === 0 ? ["before"] : round % 3 === 1 ? ["after"] : [];
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => test.report()));
    for (const one of outcomes) {
      if (one.status === "fulfilled" && one.value.kind === "written")
        acknowledged.push(one.value.incident?.number ?? 0);
    }
    await test.runtime.pass(1000);
    assert.is(test.desk.state, "ready");
    await mustMatchLedger(test);
  }
  assert.ok(acknowledged.length >= 50);
  for (const number of acknowledged) assert.ok(test.desk.board.incidents.has(number), `incident ${number} is lost`);
  await mustHaveHeardAll(test, 4);
});

failing("that never comes back does not keep the desk from closing", async () => {
  const test = await openDesk();
  test.ledger.failures = ["before"];
  test.ledger.failing_probes = 1000;
  assert.is(await reasonOf(test.report()), "storage-failing");
  await settled();
  let isClosed = false;
  const closed = test.desk.close().then(() => {
    isClosed = true;
  });
  await test.runtime.pass(10_000);
  assert.is(isClosed, true);
  await closed;
});

const listeners = suite("listeners of commits");

listeners("that throw neither fail the command nor keep others from hearing", async () => {
  const test = await openDesk();
  test.desk.onCommitted(() => {
    throw new Error("I cannot listen");
  });
  let heard = 0;
  const stop = test.desk.onCommitted(() => {
    heard += 1;
  });
  assert.is((await test.report()).kind, "written");
  assert.is(heard, 1);
  assert.equal(test.troubles, ["a listener of commits failed"]);
  stop();
  await test.report();
  assert.is(heard, 1);
});

listeners("hear of nothing that is not durable", async () => {
  const test = await openDesk();
  const durable: boolean[] = [];
  test.desk.onCommitted((events) => {
    const last = events.at(-1)?.position ?? 0;
    durable.push(test.desk.durable_position >= last && boardState(test.desk.board).position >= last);
  });
  await Promise.all([test.report(), test.report()]);
  await test.report();
  assert.ok(durable.length > 0 && durable.every((one) => one));
  await mustHaveHeardAll(test, 4);
});

const due = suite("what is due");

due("is done in a commit of its own before the command", async () => {
  const test = await openDesk({ handlers: ["Alice"] });
  await test.report();
  await test.run({ kind: "snooze", incident: 1, minutes: 60 });
  test.runtime.sleepThrough(2 * 3_600_000);
  const outcome = await test.report({ severity: 1 });
  assert.equal(typesOf(outcome), ["incident.reported", "incident.queued"]);
  const events = await test.ledger.read({ after: outcome.position - 4 });
  assert.equal(
    events.map(({ type, actor }) => `${type} ${actor}`),
    ["time.passed clock", "incident.woken clock", "incident.reported admin", "incident.queued admin"],
  );
  await mustMatchLedger(test);
});

due("is done before a refused command, too, and before one that changes nothing", async () => {
  const test = await openDesk({ handlers: ["Alice"] });
  await test.report();
  await test.run({ kind: "snooze", incident: 1, minutes: 60 });
  test.runtime.sleepThrough(2 * 3_600_000);
  const outcome = await test.run({ kind: "resolve", incident: 9 });
  assert.is(outcome.kind, "refused");
  assert.is(test.desk.board.incidents.get(1)?.status, "assigned");
  await mustMatchLedger(test);
});

const time = suite("desk time");

time("goes on while the wall clock is set back", async () => {
  const test = await openDesk();
  await test.report();
  test.runtime.setWallClock("2026-01-05T07:00:00.000Z");
  await test.runtime.pass(90_000);
  await test.report();
  const [event] = await test.ledger.read({ stream: "incident/2" });
  assert.is(event?.recorded_at, "2026-01-05T08:01:30.000Z");
  assert.is(test.desk.clockAhead_ms(), 3_600_000);
});

time("follows the wall clock when it jumps ahead, and is ahead of it when it is set right again", async () => {
  const test = await openDesk();
  test.runtime.setWallClock("2026-01-05T10:00:00.000Z");
  await test.report();
  assert.is(test.desk.clockAhead_ms(), 0);
  test.runtime.setWallClock("2026-01-05T08:00:00.000Z");
  await test.report();
  const events = await test.ledger.read({ types: ["incident.reported"] });
  assert.equal(
    events.map(({ recorded_at }) => recorded_at),
    ["2026-01-05T10:00:00.000Z", "2026-01-05T10:00:00.000Z"],
  );
  assert.is(test.desk.clockAhead_ms(), 2 * 3_600_000);
});

time("is never before the head that another writer left", async () => {
  const test = await openDesk();
  const ahead = new FakeRuntime("2026-01-05T09:00:00.000Z");
  ahead.uuid = () => test.runtime.uuid();
  const other = await openDesk({ ledger: test.ledger, runtime: ahead });
  await other.report();
  await test.report();
  const [event] = await test.ledger.read({ stream: "incident/2" });
  assert.is(event?.recorded_at, "2026-01-05T09:00:00.000Z");
});

const bugs = suite("a command that cannot be decided");

bugs("fails alone: those beside it are decided", async () => {
  const test = await openDesk();
  const command_id = "not a command id ".repeat(40);
  const [good, bad, other] = await Promise.allSettled([
    test.report(),
    test.run({ kind: "report", incident_id: "no uuid" }, { command_id }),
    test.report(),
  ]);
  assert.equal([good?.status, bad?.status, other?.status], ["fulfilled", "rejected", "fulfilled"]);
  assert.is(test.desk.state, "ready");
  assert.is(test.desk.board.last_incident, 2);
  await mustMatchLedger(test);
  await mustHaveHeardAll(test, 4);
});

second("erases what it knows of, and no more, where somebody else comments at that very moment", async () => {
  const test = await openDesk();
  const { ledger, runtime } = test;
  await test.report({ description: "who it was" });
  const other = await openDesk({ ledger, runtime });
  const read = ledger.read;
  ledger.read = async (filter) => {
    if (filter.stream === undefined) return read(filter);
    ledger.read = read;
    await other.run({ kind: "comment", incident: 1, text: "it was me" });
    return read(filter);
  };
  const outcome = await test.run({ kind: "redact", incident: 1, texts: ["comments"] });
  // As of the head on which it was decided there was no comment.
  assert.not.equal(outcome.kind, "written");
  assert.equal(test.troubles, []);
  await test.desk.catchUp();
  await mustMatchLedger(test);
});
