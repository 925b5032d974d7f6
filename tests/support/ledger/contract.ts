import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../../events/recorded-event.ts";
import { ChainWalk } from "../../../src/audit/chain-walk.ts";
import { type Fault, FaultList } from "../../../src/audit/fault.ts";
import { explainMissingTexts } from "../../../src/audit/missing-texts.ts";
import { type Commit, forgottenAtOnce, type Ledger } from "../../../src/ledger/ledger.ts";
import { InvalidCommit, LedgerClosed } from "../../../src/ledger/ledger-errors.ts";
import { suite } from "../suite.ts";
import {
  comment,
  commitOf,
  countedRuntime,
  erasure,
  headOf,
  instantOf,
  opening,
  report,
  timePassed,
  uuidOf,
} from "./example-commits.ts";

export type ContractRuntime = ReturnType<typeof countedRuntime>;

/** What an adapter has to bring along to be tested. */
export interface Adapter {
  readonly name: string;
  /** A new, empty ledger. */
  readonly open: (runtime: ContractRuntime) => Ledger;
  /** The same ledger opened once more, as another process would; or why there is no such thing. */
  readonly openAgain: ((ledger: Ledger, runtime: ContractRuntime) => Ledger) | { readonly cannot: string };
}

/** Follows the whole chain; the first fault, or null. Also checks that the head is the last event. */
export async function chainFault(ledger: Ledger): Promise<Fault | null> {
  const faults = new FaultList();
  const chain = new ChainWalk(faults);
  for (;;) {
    const page = await ledger.readStored(chain.position, 1000);
    for (const event of page) chain.next(event);
    if (page.length === 0) break;
  }
  const head = await ledger.head();
  assert.is(chain.position, head.position);
  assert.is(chain.hash, head.hash);
  for (const { position, data } of await ledger.read({ types: ["text.erased"] })) {
    if ("erased" in data) chain.explain({ erased: data.erased, by: position });
  }
  await explainMissingTexts(ledger, chain, faults);
  return faults.first[0] ?? null;
}

/** A promise's failure; fails where there is none. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof Error) return failure;
  throw new Error("it did not fail");
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The behaviour that every adapter shares. Each runs this whole suite. */
export function ledgerContract(adapter: Adapter): void {
  const it = suite(`the ledger in ${adapter.name}`);
  let ledger: Ledger;
  const opened: Ledger[] = [];

  it.before.each(() => {
    ledger = adapter.open(countedRuntime());
    opened.push(ledger);
  });
  it.after.each(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  /** The opening and two reports: six events, the reports at 3 and 5. */
  async function filled(): Promise<void> {
    await ledger.append(0, [opening()]);
    headOf(await ledger.append(2, [report(2, 1), report(4, 2)]));
  }

  async function unchanged(position: number): Promise<void> {
    assert.is((await ledger.head()).position, position);
    assert.is((await ledger.read({})).length, position);
    assert.is(await chainFault(ledger), null);
  }

  async function refused(commits: readonly Commit[], pattern: RegExp): Promise<void> {
    const before = await ledger.head();
    const failure = await failureOf(ledger.append(before.position, commits));
    assert.instance(failure, InvalidCommit);
    assert.match(failure.message, pattern);
    await unchanged(before.position);
  }

  it("is empty at first", async () => {
    assert.equal(await ledger.head(), { position: 0, hash: "", recorded_at: "", rules: 0 });
    assert.equal(await ledger.read({}), []);
    assert.equal(await ledger.readStored(0, 10), []);
    assert.is(await ledger.incidentNumber(uuidOf(1)), null);
    assert.is(await ledger.commitOf(uuidOf(1)), null);
    assert.is(await ledger.idempotencyOf("admin", "k", ""), null);
  });

  it("appends commits, in order, and moves its head", async () => {
    await filled();
    const events = await ledger.read({});
    assert.equal(
      events.map(({ position, stream, version }) => [position, stream, version]),
      [
        [1, "ledger", 1],
        [2, "team/default", 1],
        [3, "incident/1", 1],
        [4, "incident/1", 2],
        [5, "incident/2", 1],
        [6, "incident/2", 2],
      ],
    );
    const head = await ledger.head();
    assert.is(head.position, 6);
    assert.is(head.hash, events[5]?.hash);
    assert.is(head.recorded_at, instantOf(4));
    assert.is(head.rules, 1);
    assert.is(await chainFault(ledger), null);
  });

  it("gives back what was recorded", async () => {
    await filled();
    const commit = report(6, 3, 'Zürich 🔥 "quoted"\n\u0001 \\u0000');
    await ledger.append(6, [commit]);
    const events = await ledger.read({ after: 6 });
    assert.equal(
      events.map(({ hash, ...event }) => event),
      commit.events as unknown as typeof events,
    );
  });

  it("keeps why a decision was made", async () => {
    await filled();
    const [reported, queued] = report(6, 3).events;
    assert.ok(reported !== undefined && queued !== undefined);
    const because = { ...queued, meta: { ...queued.meta, because: { offset: 0 } } };
    await ledger.append(6, [{ command_id: reported.command_id, events: [reported, because as RecordedEvent] }]);
    const [read] = await ledger.read({ after: 7 });
    assert.equal(read?.meta, { offset: 1, events: 2, rules: 1, because: { offset: 0 } });
    const [stored] = await ledger.readStored(7, 1);
    assert.is(Buffer.from(stored?.meta ?? []).toString(), '{"offset":1,"events":2,"rules":1,"because":{"offset":0}}');
  });

  it("writes nothing where the head is not the expected one", async () => {
    await filled();
    const before = await ledger.head();
    for (const expected of [0, 2, 5, 7, 1000]) {
      const commits = expected === 0 ? [opening()] : [report(expected, 9)];
      assert.equal(await ledger.append(expected, commits), { appended: false, head: before });
    }
    await unchanged(6);
  });

  it("appends nothing at the head, and says where that is", async () => {
    await filled();
    const head = await ledger.head();
    assert.equal(await ledger.append(6, []), { appended: true, head });
    assert.equal(await ledger.append(5, []), { appended: false, head });
  });

  it("lets only one of two decided on the same head have its way", async () => {
    await filled();
    const results = await Promise.all([ledger.append(6, [report(6, 3)]), ledger.append(6, [timePassed(6, 2)])]);
    assert.equal(
      results.map(({ appended }) => appended),
      [true, false],
    );
    assert.is((await ledger.head()).position, 8);
  });

  it("begins with ledger.opened and nothing else", async () => {
    await refused([timePassed(0, 1)], /ledger\.opened is the first event/);
    await filled();
    const again = commitOf(6, uuidOf(77), [
      { type: "ledger.opened", stream: "ledger", version: 2, data: { ledger_id: uuidOf(3), rules: 1 } },
    ]);
    await refused([again], /stands nowhere else/);
  });

  it("refuses positions with a gap", async () => {
    await filled();
    await refused([report(7, 3)], /position 7 is next, not 8/);
    await refused([report(6, 3), report(9, 4)], /position 9 is next, not 10/);
  });

  it("refuses a stream's version that is not the next", async () => {
    await filled();
    await refused([comment(6, 1, 2, "again")], /version 3 of incident\/1 is next, not 2/);
    await refused([comment(6, 1, 4, "gap")], /version 3 of incident\/1 is next, not 4/);
    await refused([comment(6, 1, 3, "first"), comment(7, 1, 3, "second")], /version 4 of incident\/1 is next/);
    await refused([comment(6, 8, 2, "begins at two")], /version 1 of incident\/8 is next, not 2/);
    await refused([timePassed(6, 1)], /version 2 of ledger is next, not 1/);
    await refused([timePassed(6, 3)], /version 2 of ledger is next, not 3/);
    headOf(await ledger.append(6, [timePassed(6, 2), comment(7, 1, 3, "right"), timePassed(8, 3)]));
  });

  it("refuses what the schema does not allow", async () => {
    await filled();
    const fact = { type: "incident.reported", stream: "incident/3", version: 1, text: null } as const;
    const data = { incident_id: uuidOf(9), number: 3, team: "default", severity: 3, timestamp: instantOf(6) };
    const as = (change: object): Commit[] => [commitOf(6, uuidOf(8), [{ ...fact, data, ...change }])];
    await refused(as({ data: { ...data, severity: 6 } }), /data\/severity must be <= 5/);
    await refused(as({ data: { ...data, titel: "x" } }), /additional properties \(titel\)/);
    await refused(as({ data: {} }), /data must have required property/);
    await refused(as({ text: { title: 5 } }), /text\/title must be string/);
    await refused(as({ type: "incident.queued", data: {}, text: { title: "x" } }), /has no text/);
    await refused(as({ type: "incident.commented", data: {} }), /its text is missing/);
    await refused(as({ type: "incident.invented" }), /no event has this name/);
    await refused(as({ stream: "incident/4" }), /reports incident 3 in the stream/);
    await refused(as({ stream: "incident/03" }), /\/stream must match/);
    await refused(as({ stream: "incidents/3", type: "incident.queued", data: {} }), /\/stream must match/);
    headOf(await ledger.append(6, as({})));
  });

  it("counts text in UTF-16 code units", async () => {
    await filled();
    await refused([report(6, 3, "🔥".repeat(251))], /must NOT have more than 500/);
    headOf(await ledger.append(6, [report(6, 3, "🔥".repeat(250))]));
  });

  it("refuses strings that cannot be stored as they are", async () => {
    await filled();
    for (const bad of ["a\0b", "\ud83d", "\udd25x", "\u0001\ud83d\ud83d\udd25"]) {
      await refused([report(6, 3, bad)], /a NUL or half a surrogate pair/);
    }
    const [event] = comment(6, 1, 3, "x").events;
    assert.ok(event !== undefined);
    const labelled = { ...event, type: "incident.edited", data: { labels: { "a\0": "b" } }, text: null };
    await refused([{ command_id: event.command_id, events: [labelled as RecordedEvent] }], /a NUL or half/);
    await refused([{ command_id: event.command_id, events: [{ ...event, actor: "\ud83d" }] }], /its actor holds/);
  });

  it("refuses a commit whose events do not belong together", async () => {
    await filled();
    const commit = report(6, 3);
    const [first, second] = commit.events;
    assert.ok(first !== undefined && second !== undefined);
    const as = (change: object): Commit[] => [{ ...commit, events: [first, { ...second, ...change }] }];
    await refused([{ ...commit, events: [] }], /without events/);
    await refused(as({ actor: "somebody" }), /differs from the first/);
    await refused(as({ recorded_at: instantOf(7) }), /differs from the first/);
    await refused(as({ command_id: uuidOf(5) }), /names another command/);
    await refused(as({ meta: { ...second.meta, rules: 2 } }), /differs from the first/);
    await refused(as({ meta: { ...second.meta, offset: 0 } }), /has offset 0 instead of 1/);
    await refused(as({ meta: { ...second.meta, events: 3 } }), /disagree on how many/);
    await refused(as({ meta: { ...second.meta, because: { offset: 1 } } }), /comes after it/);
    await refused(as({ meta: { ...second.meta, because: { position: 7 } } }), /comes after it/);
    await refused(as({ meta: { ...second.meta, because: {} } }), /meta\/because/);
    headOf(await ledger.append(6, [commit]));
  });

  it("refuses times that run back, and allows equal ones", async () => {
    await filled();
    const at = (after: number, seconds: number): Commit =>
      commitOf(
        after,
        uuidOf(70 + after),
        [{ type: "time.passed", stream: "ledger", version: after - 4, data: { at: instantOf(0) } }],
        seconds,
      );
    await refused([at(6, 3)], /recorded before the one that it follows/);
    await refused([at(6, 9), at(7, 8)], /recorded before the one that it follows/);
    headOf(await ledger.append(6, [at(6, 4), at(7, 4)]));
  });

  it("records a command once", async () => {
    await filled();
    const again = { ...report(6, 3), command_id: report(2, 1).command_id };
    const events = again.events.map((event) => ({ ...event, command_id: again.command_id }));
    await refused([{ ...again, events }], /Command .* is in the ledger already/);
    const twin = comment(8, 3, 3, "x");
    const twins = twin.events.map((event) => ({ ...event, command_id: report(6, 3).command_id }));
    await refused([report(6, 3), { command_id: report(6, 3).command_id, events: twins }], /is there twice/);
  });

  it("finds a command's commit", async () => {
    await filled();
    assert.equal(await ledger.commitOf(uuidOf(1)), { first: 1, last: 2 });
    assert.equal(await ledger.commitOf(report(4, 2).command_id), { first: 5, last: 6 });
    assert.is(await ledger.commitOf(uuidOf(99)), null);
  });

  it("finds an incident's number by its id", async () => {
    await filled();
    assert.is(await ledger.incidentNumber(uuidOf(1_000_002)), 2);
    assert.is(await ledger.incidentNumber(uuidOf(2)), null);
  });

  it("writes nothing of a batch that fails in the middle of its second commit, and works on", async () => {
    await filled();
    const bad = report(8, 4);
    const events = bad.events.map((event) =>
      event.type === "incident.reported"
        ? { ...event, data: { ...event.data, incident_id: uuidOf(1_000_001) } }
        : event,
    );
    const good = { ...report(6, 3), idempotency: recordOf("k", 8, instantOf(6)) };
    await refused([good, { ...bad, events }], /its incident is there already|Incident .* is in the ledger already/);
    assert.is(await ledger.idempotencyOf("admin", "k", ""), null);
    assert.is(await ledger.commitOf(good.command_id), null);
    headOf(await ledger.append(6, [good, report(8, 4)]));
    assert.is(await chainFault(ledger), null);
  });

  it("works on after it was opened again", async () => {
    await filled();
    const head = await ledger.head();
    await ledger.reopen();
    assert.equal(await ledger.head(), head);
    headOf(await ledger.append(6, [report(6, 3)]));
    assert.is(await chainFault(ledger), null);
  });

  it("says so when it is closed", async () => {
    await filled();
    await ledger.close();
    await ledger.close();
    for (const promise of [ledger.head(), ledger.append(6, [report(6, 3)]), ledger.read({}), ledger.probe()]) {
      const failure = await failureOf(promise);
      assert.instance(failure, LedgerClosed);
      assert.match(failure.message, /ledger is closed/);
    }
    await ledger.reopen();
    assert.is((await ledger.head()).position, 6);
  });

  it("survives a probe unchanged", async () => {
    await filled();
    const head = await ledger.head();
    await ledger.probe();
    await ledger.probe();
    assert.equal(await ledger.head(), head);
  });

  it("reads page by page, from a position, up to one", async () => {
    await filled();
    const positions = async (filter: Parameters<Ledger["read"]>[0]): Promise<number[]> =>
      (await ledger.read(filter)).map(({ position }) => position);
    assert.equal(await positions({ limit: 2 }), [1, 2]);
    assert.equal(await positions({ after: 2, limit: 3 }), [3, 4, 5]);
    assert.equal(await positions({ after: 3, until: 5 }), [4, 5]);
    assert.equal(await positions({ after: 6 }), []);
    assert.equal(await positions({ limit: 0 }), []);
    assert.equal(
      (await ledger.readStored(4, 10)).map(({ position }) => position),
      [5, 6],
    );
    assert.instance(await failureOf(ledger.read({ after: -1 })), RangeError);
    assert.instance(await failureOf(ledger.read({ after: 2 ** 53 })), RangeError);
    assert.instance(await failureOf(ledger.readStored(0.5, 1)), RangeError);
  });

  it("holds a page to a thousand events", async () => {
    await ledger.append(0, [opening()]);
    const commits = Array.from({ length: 1200 }, (_, index) => timePassed(index + 2, index + 2));
    headOf(await ledger.append(2, commits));
    assert.is((await ledger.read({})).length, 1000);
    assert.is((await ledger.read({ limit: 5000, stream: "ledger" })).length, 1000);
    assert.is((await ledger.readStored(0, 5000)).length, 1000);
    assert.is((await ledger.read({ after: 1000, types: ["time.passed"] })).length, 202);
  });

  it("reads one stream, some types, or both", async () => {
    await filled();
    await ledger.append(6, [timePassed(6, 2), comment(7, 1, 3, "a"), report(8, 11), comment(10, 1, 4, "b")]);
    const positions = async (filter: Parameters<Ledger["read"]>[0]): Promise<number[]> =>
      (await ledger.read(filter)).map(({ position }) => position);
    assert.equal(await positions({ stream: "incident/1" }), [3, 4, 8, 11]);
    assert.equal(await positions({ stream: "incident/1", after: 3, until: 10 }), [4, 8]);
    assert.equal(await positions({ stream: "incident/1", limit: 1, after: 4 }), [8]);
    assert.equal(await positions({ stream: "ledger" }), [1, 7]);
    assert.equal(await positions({ stream: "ledger", after: 1 }), [7]);
    assert.equal(await positions({ stream: "team/default" }), [2]);
    assert.equal(await positions({ stream: "team/nobody" }), []);
    assert.equal(await positions({ types: ["incident.reported", "time.passed"] }), [3, 5, 7, 9]);
    assert.equal(await positions({ types: ["incident.reported"], after: 3, limit: 1 }), [5]);
    assert.equal(await positions({ types: [] }), []);
    assert.equal(await positions({ stream: "incident/1", types: ["incident.commented"] }), [8, 11]);
  });

  it("hands out copies", async () => {
    await filled();
    for (const event of await ledger.read({})) {
      Object.assign(event, { type: "incident.deleted", version: 9 });
      Object.assign(event.data, { severity: 1 });
    }
    for (const event of await ledger.readStored(0, 10)) {
      event.data.fill(0);
      event.hash.fill(0);
    }
    try {
      Object.assign(await ledger.head(), { position: 1 });
    } catch {
      // A frozen one is as good as a copy.
    }
    await unchanged(6);
    assert.is((await ledger.read({ after: 2 }))[0]?.type, "incident.reported");
  });

  it("keeps what it was given, whatever the caller does with it afterwards", async () => {
    await ledger.append(0, [opening()]);
    const commit = report(2, 1, "as it was");
    await ledger.append(2, [commit]);
    const [event] = commit.events;
    assert.ok(event?.text !== undefined && event.text !== null);
    Object.assign(event.text, { title: "changed" });
    const [read] = await ledger.read({ after: 2 });
    assert.equal(read?.text, { title: "as it was" });
    await unchanged(4);
  });

  it("erases one event's whole text and salt, and its chain still holds", async () => {
    await filled();
    const before = (await ledger.readStored(0, 10)).map(({ hash }) => hash);
    await ledger.append(6, [comment(6, 1, 3, "kept"), erasure(7, 3, 1, 4)]);
    const [stored] = await ledger.readStored(2, 1);
    assert.ok(stored !== undefined);
    assert.is(stored.text, null);
    assert.is(stored.text_salt, null);
    assert.is(stored.text_digest?.length, 32);
    const [read, , , , kept] = await ledger.read({ after: 2 });
    assert.is(read?.text, null);
    assert.is(read?.erased_by, 8);
    assert.is(kept?.erased_by, undefined);
    assert.equal(kept?.text, { text: "kept" });
    const after = (await ledger.readStored(0, 6)).map(({ hash }) => hash);
    assert.equal(after, before);
    assert.is(await chainFault(ledger), null);
  });

  it("erases the text of an event of the same commit, a required one, and one that is erased already", async () => {
    await filled();
    await ledger.append(6, [comment(6, 1, 3, "slip"), erasure(7, 7, 1, 4), erasure(8, 7, 1, 5), erasure(9, 8, 1, 6)]);
    const [slip, reason] = await ledger.read({ after: 6 });
    assert.is(slip?.text, null);
    assert.is(slip?.erased_by, 8, "who erased it first");
    assert.is(reason?.text, null);
    assert.is(await chainFault(ledger), null);
  });

  it("refuses to erase what has not happened yet", async () => {
    await filled();
    await refused([erasure(6, 7, 1, 3)], /erases a text that comes after it/);
  });

  it("refuses to erase the text of an event that never had one", async () => {
    await filled();
    await refused([erasure(6, 4, 1, 3)], /position 7: the event at 4 never had a text/);
    const without_text = commitOf(6, uuidOf(70), [
      { type: "incident.edited", stream: "incident/1", version: 3, data: { labels: {} } },
    ]);
    await refused([without_text, erasure(7, 7, 1, 4)], /position 8: the event at 7 never had a text/);
    headOf(await ledger.append(6, [without_text, erasure(7, 3, 1, 4)]));
  });

  it("refuses to erase a text from another stream than its own", async () => {
    await filled();
    await refused([erasure(6, 5, 1, 3)], /position 7: the event at 5 stands in incident\/2, not in incident\/1/);
    const [at_seven, at_eight] = [comment(6, 2, 3, "slip"), erasure(7, 7, 1, 3)];
    await refused([at_seven, at_eight], /position 8: the event at 7 stands in incident\/2, not in incident\/1/);
    const elsewhere = commitOf(6, uuidOf(70), [
      { type: "text.erased", stream: "ledger", version: 2, data: { erased: 3 }, text: {} },
    ]);
    await refused([elsewhere], /position 7: the event at 3 stands in incident\/1, not in ledger/);
  });

  it("refuses an erasure that names another incident than its stream's", async () => {
    await filled();
    const naming = (incident: object): Commit[] => [
      commitOf(6, uuidOf(70), [
        { type: "text.erased", stream: "incident/1", version: 3, data: { erased: 3, ...incident } },
      ]),
    ];
    await refused(naming({ incident: 2 }), /names incident 2 in the stream incident\/1/);
    const joined = commitOf(6, uuidOf(71), [
      {
        type: "handler.joined",
        stream: "handler/Alice",
        version: 1,
        data: { handler: "Alice", team: "default", capacity: 1 },
        text: { name: "Alice" },
      },
    ]);
    const of_handler = (data: object): Commit =>
      commitOf(7, uuidOf(72), [{ type: "text.erased", stream: "handler/Alice", version: 2, data }]);
    await refused([joined, of_handler({ erased: 7, incident: 1 })], /names incident 1 in the stream handler\/Alice/);
    headOf(await ledger.append(6, [joined, of_handler({ erased: 7 })]));
    assert.is((await ledger.read({ after: 6 }))[0]?.text, null);
    assert.is(await chainFault(ledger), null);
  });

  it("refuses a decision without a because", async () => {
    await filled();
    const commit = report(6, 3);
    const [reported, queued] = commit.events;
    assert.ok(reported !== undefined && queued !== undefined);
    const { because, ...meta } = queued.meta;
    assert.equal(because, { offset: 0 });
    const without = { ...queued, meta } as RecordedEvent;
    await refused([{ ...commit, events: [reported, without] }], /the decision at 8 does not say what it follows from/);
  });

  it("refuses a fact with a because", async () => {
    await filled();
    const commit = comment(6, 1, 3, "of itself");
    const [event] = commit.events;
    assert.ok(event !== undefined);
    const derived = { ...event, meta: { ...event.meta, because: { position: 6 } } };
    await refused([{ ...commit, events: [derived] }], /the fact at 7 claims to follow from something/);
  });

  it("refuses a fact after a decision", async () => {
    await filled();
    const stream = "incident/1";
    const commit = commitOf(6, uuidOf(70), [
      { type: "incident.queued", stream, version: 3, data: {} },
      { type: "incident.commented", stream, version: 4, data: {}, text: { text: "too late" } },
    ]);
    await refused([commit], /the fact at 8 comes after a decision/);
  });

  it("keeps idempotency records with their commit", async () => {
    await filled();
    const record = recordOf("k", 8, instantOf(6));
    headOf(await ledger.append(6, [{ ...report(6, 3), idempotency: record }]));
    assert.equal(await ledger.idempotencyOf("admin", "k", ""), record);
    assert.equal(await ledger.idempotencyOf("admin", "k", record.recorded_at), record);
    assert.is(await ledger.idempotencyOf("admin", "k", instantOf(7)), null);
    assert.is(await ledger.idempotencyOf("key:3", "k", ""), null);
    await refused([{ ...report(8, 4), idempotency: recordOf("l", 9, instantOf(8)) }], /names another position/);
  });

  it("replaces an idempotency record that has grown too old", async () => {
    await filled();
    const record = { ...recordOf("k", 10, instantOf(8)), queue_position: 4 };
    await ledger.append(6, [{ ...report(6, 3), idempotency: recordOf("k", 8, instantOf(6)) }]);
    await ledger.append(8, [{ ...report(8, 4), idempotency: record }]);
    assert.equal(await ledger.idempotencyOf("admin", "k", ""), record);
  });

  it("forgets idempotency records from before a time", async () => {
    await filled();
    await ledger.append(6, [{ ...report(6, 3), idempotency: recordOf("old", 8, instantOf(6)) }]);
    await ledger.append(8, [{ ...report(8, 4), idempotency: recordOf("new", 10, instantOf(8)) }]);
    assert.is(await ledger.forgetIdempotency(instantOf(8)), 1);
    assert.is(await ledger.forgetIdempotency(instantOf(8)), 0);
    assert.is(await ledger.idempotencyOf("admin", "old", ""), null);
    assert.ok(await ledger.idempotencyOf("admin", "new", ""));
  });

  it("forgets the oldest idempotency records first, so many at once and no more", async () => {
    await ledger.append(0, [opening()]);
    const commits = Array.from({ length: forgottenAtOnce + 5 }, (_, index) => ({
      ...timePassed(index + 2, index + 2),
      idempotency: recordOf(`key ${(index * 7919) % 1009}`, index + 3, instantOf(index + 2)),
    }));
    headOf(await ledger.append(2, commits));
    const keys = commits.map(({ idempotency }) => idempotency.key);
    const known = async (): Promise<string[]> => {
      const found = await Promise.all(keys.map((key) => ledger.idempotencyOf("admin", key, "")));
      return found.flatMap((record) => (record === null ? [] : [record.key]));
    };
    const before = instantOf(forgottenAtOnce + 2 + 3);
    assert.is(await ledger.forgetIdempotency(before), forgottenAtOnce);
    assert.equal(await known(), keys.slice(forgottenAtOnce));
    assert.is(await ledger.forgetIdempotency(before), 3);
    assert.is(await ledger.forgetIdempotency(before), 0);
    assert.equal(await known(), keys.slice(forgottenAtOnce + 3));
  });

  it("wakes its subscribers after an append, even where one of them throws", async () => {
    const heard: number[] = [];
    ledger.subscribe(() => {
      throw new Error("a bad listener");
    });
    const unsubscribe = ledger.subscribe((position) => heard.push(position));
    await ledger.append(0, [opening()]);
    await turn();
    await ledger.append(2, [report(2, 1)]);
    await ledger.append(2, [report(2, 1)]);
    await turn();
    assert.equal(heard, [2, 4]);
    unsubscribe();
    await ledger.append(4, [report(4, 2)]);
    await turn();
    assert.equal(heard, [2, 4]);
  });

  const { openAgain } = adapter;
  if ("cannot" in openAgain) return;

  function second(): Ledger {
    if ("cannot" in openAgain) throw new Error(openAgain.cannot);
    const other = openAgain(ledger, countedRuntime());
    opened.push(other);
    return other;
  }

  it("shows a second writer's events, and refuses to write over them", async () => {
    await filled();
    const other = second();
    headOf(await other.append(6, [report(6, 3)]));
    const result = await ledger.append(6, [report(6, 4)]);
    assert.is(result.appended, false);
    assert.is(result.head.position, 8);
    headOf(await ledger.append(8, [report(8, 4)]));
    assert.is((await other.read({})).length, 10);
    assert.is(await chainFault(other), null);
    assert.is(await chainFault(ledger), null);
  });

  it("wakes its subscribers when it learns of another's events", async () => {
    await filled();
    const other = second();
    await turn();
    const heard: number[] = [];
    ledger.subscribe((position) => heard.push(position));
    await other.append(6, [report(6, 3)]);
    await turn();
    assert.equal(heard, []);
    await ledger.head();
    await ledger.head();
    await turn();
    assert.equal(heard, [8]);
    await other.append(8, [report(8, 4)]);
    await ledger.append(8, [report(8, 5)]);
    await turn();
    assert.equal(heard, [8, 10]);
  });

  it("opens where it was left", async () => {
    await filled();
    await ledger.append(6, [comment(6, 1, 3, "x"), erasure(7, 3, 1, 4)]);
    const head = await ledger.head();
    await ledger.close();
    const other = second();
    assert.equal(await other.head(), head);
    assert.is(await chainFault(other), null);
    headOf(await other.append(8, [report(8, 3)]));
  });
}

function recordOf(key: string, position: number, recorded_at: string) {
  return {
    scope: "admin",
    key,
    fingerprint: "ab".repeat(32),
    status: 201,
    stream: "incident/3",
    version: 2,
    position,
    queue_position: null,
    recorded_at,
  };
}
