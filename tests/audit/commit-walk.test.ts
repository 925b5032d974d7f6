import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { CommitWalk } from "../../src/audit/commit-walk.ts";
import { FaultList, sentenceOf } from "../../src/audit/fault.ts";
import { suite } from "../support/suite.ts";

const it = suite("what a commit is");

const at = "2023-12-17T10:00:00.000Z";
const id = "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11";

/** The start of a ledger, and a report that was assigned. */
function example(): RecordedEvent[] {
  const common = { version: 1, schema_version: 1, recorded_at: at, actor: "admin", command_id: "first", text: null };
  const rest = { ...common, command_id: "second" };
  const reported = { incident_id: id, number: 1, team: "default", severity: 1, timestamp: at };
  const events = [
    { ...common, position: 1, stream: "ledger", type: "ledger.opened", data: { ledger_id: id, rules: 1 } },
    { ...rest, position: 2, stream: "incident/1", type: "incident.reported", data: reported },
    { ...rest, position: 3, stream: "incident/1", version: 2, type: "incident.assigned", data: { handler: "Alice" } },
  ];
  const metas = [
    { offset: 0, events: 1, rules: 1 },
    { offset: 0, events: 2, rules: 1 },
    { offset: 1, events: 2, rules: 1, because: { offset: 0 } },
  ];
  return events.map((event, index) => ({ ...event, meta: metas[index] }) as unknown as RecordedEvent);
}

function faultsOf(events: readonly RecordedEvent[]): string[] {
  const faults = new FaultList();
  const walk = new CommitWalk(faults);
  for (const event of events) walk.next(event);
  walk.end();
  return faults.first.map(sentenceOf);
}

/** The faults of the example with some fields of the event at a position replaced. */
function faultsWith(position: number, fields: object, meta: object = {}): string {
  const events = example().map((event) =>
    event.position === position ? ({ ...event, ...fields, meta: { ...event.meta, ...meta } } as RecordedEvent) : event,
  );
  return faultsOf(events).join("; ");
}

it("finds nothing wrong with commits as they are recorded", () => {
  assert.equal(faultsOf(example()), []);
});

it("gives each commit whole", () => {
  const walk = new CommitWalk(new FaultList());
  const commits = example().map((event) => walk.next(event)?.map(({ position }) => position) ?? null);
  assert.equal(commits, [[1], null, [2, 3]]);
});

it("finds what its events do not share", () => {
  assert.match(faultsWith(3, { command_id: "third" }), "position 3: its command is not that of its commit");
  assert.match(faultsWith(3, { actor: "mallory" }), "position 3: its actor is mallory, that of its commit admin");
  assert.match(faultsWith(3, { recorded_at: "2023-12-17T10:00:00.001Z" }), "position 3: its time is");
  assert.match(faultsWith(3, {}, { rules: 2 }), "position 3: its rules are 2, those of its commit 1");
  assert.match(faultsWith(3, {}, { events: 3 }), "position 3: its commit has 2 events, it says 3");
});

it("finds offsets that do not follow, and commits that are not whole", () => {
  assert.match(faultsWith(3, {}, { offset: 2 }), "position 3: it has offset 2 in its commit, where 1 is next");
  const said = "position 3: the commit that begins at 2 has 2 events, of which only 1 stand before this position";
  assert.is(faultsOf(example().slice(0, 2)).join(), said);
});

it("finds a time that runs back, and rules that are not in force", () => {
  assert.match(faultsWith(1, { recorded_at: "2023-12-17T10:00:00.001Z" }), "position 2: its time is");
  assert.match(faultsWith(1, { data: { ledger_id: id, rules: 2 } }), "its rules are 1, although 2 are in force");
});

it("finds decisions that follow from nothing, or from what comes after them, and facts that claim to follow", () => {
  assert.match(faultsWith(3, {}, { because: undefined }), "it is a decision that does not say what it follows from");
  const later = "it is a decision that follows from something that comes after it";
  assert.match(faultsWith(3, {}, { because: { offset: 1 } }), later);
  assert.match(faultsWith(3, {}, { because: { position: 2 } }), later);
  assert.match(faultsWith(2, {}, { because: { position: 1 } }), "it is a fact, and yet says what it follows from");
});

it("finds a fact after a decision, a report in another's stream, and a time that had not come", () => {
  const after = { type: "incident.commented", stream: "incident/1", data: {} };
  const [opened, reported, assigned] = example();
  assert.ok(opened && reported && assigned);
  const three = [reported, assigned].map(
    (event) => ({ ...event, meta: { ...event.meta, events: 3 } }) as RecordedEvent,
  );
  const fact = {
    ...assigned,
    ...after,
    position: 4,
    meta: { offset: 2, events: 3, rules: 1 },
  } as unknown as RecordedEvent;
  assert.match(faultsOf([opened, ...three, fact]).join(), "position 4: it is a fact that stands after a decision");
  assert.match(faultsWith(2, { stream: "incident/2" }), "it reports incident 1 in the stream incident/2");
  const passed = { stream: "ledger", type: "time.passed", data: { at: "2023-12-17T11:00:00.000Z" } };
  assert.match(faultsWith(2, passed), "it says that it is 2023-12-17T11:00:00.000Z, later than its own time");
});
