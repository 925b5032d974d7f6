import * as assert from "uvu/assert";
import { foldListed, type ListedIncident } from "../../projections/incident-list.ts";
import type { IncidentMeasures } from "../../projections/incident-measures.ts";
import type { Command } from "../../src/rules/commands.ts";
import { type DeskUnderTest, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("what is measured of an incident");

const minute_ms = 60_000;

/** Runs commands on a desk, each so many minutes after the one before, and folds incident 1. */
async function measured(
  steps: readonly (readonly [number, Command])[],
  report: Partial<Extract<Command, { kind: "report" }>> = {},
  handlers: readonly string[] = ["Alice", "Bob"],
): Promise<IncidentMeasures> {
  const desk = await openDesk({ handlers });
  await desk.report(report);
  for (const [minutes, command] of steps) {
    desk.runtime.sleepThrough(minutes * minute_ms);
    const outcome = await desk.run(command);
    assert.is(outcome.kind, "written", `${command.kind}: ${JSON.stringify(outcome)}`);
  }
  return foldOf(desk);
}

async function foldOf({ ledger }: DeskUnderTest): Promise<IncidentMeasures> {
  let listed: ListedIncident | null = null;
  for (const event of await ledger.read({ stream: "incident/1" })) listed = foldListed(listed, event);
  if (listed === null) throw new Error("there is no incident 1");
  return listed.measures;
}

const incident = 1;

it("acknowledging is timed from the report to the first time, for good", async () => {
  const { acknowledge_ms, reopenings } = await measured([
    [5, { kind: "acknowledge", incident, handler: "Alice" }],
    [5, { kind: "resolve", incident }],
    [5, { kind: "reopen", incident }],
    [5, { kind: "acknowledge", incident, handler: "Bob" }],
  ]);
  assert.equal([acknowledge_ms, reopenings], [5 * minute_ms, 1]);
});

it("resolving is timed to the last time, and not at all while it is open again", async () => {
  const first = [5, { kind: "resolve", incident }] as const;
  const again = [7, { kind: "reopen", incident }] as const;
  assert.is((await measured([first])).resolve_ms, 5 * minute_ms);
  assert.is((await measured([first, [60, { kind: "close", incident }]])).resolve_ms, 5 * minute_ms);
  assert.is((await measured([first, again])).resolve_ms, null);
  assert.is((await measured([first, again, [1, { kind: "dismiss", incident }]])).resolve_ms, null);
  assert.is((await measured([first, again, [1, { kind: "close", incident }]])).resolve_ms, 13 * minute_ms);
});

it("a timestamp in the past changes no duration", async () => {
  const { resolve_ms } = await measured([[5, { kind: "resolve", incident }]], {
    timestamp: "2020-01-01T00:00:00.000Z",
  });
  assert.is(resolve_ms, 5 * minute_ms);
});

it("what arrives as done has neither waited nor been resolved, until it is reopened", async () => {
  for (const status of ["resolved", "closed"] as const) {
    const { reported_resolved, resolve_ms, queue_ms, pending_since_ms } = await measured([], { status });
    assert.equal([reported_resolved, resolve_ms, queue_ms, pending_since_ms], [true, null, null, null]);
  }
  const again = await measured(
    [
      [5, { kind: "reopen", incident }],
      [5, { kind: "resolve", incident }],
    ],
    { status: "closed" },
  );
  assert.equal([again.reported_resolved, again.resolve_ms, again.queue_ms], [true, 10 * minute_ms, 0]);
});

it("a repeat that says it is over resolves it like anybody else", async () => {
  const over = { kind: "report", incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11", title: "x" } as const;
  const { reported_resolved, resolve_ms } = await measured([[3, { ...over, dedup_key: "k", status: "resolved" }]], {
    dedup_key: "k",
  });
  assert.equal([reported_resolved, resolve_ms], [false, 3 * minute_ms]);
});

it("all stays in the queue are added up, sleep is none, and the last one counts when it has ended", async () => {
  const nobody = await measured([[4, { kind: "comment", incident, text: "x" }]], {}, []);
  assert.equal([nobody.queue_ms, nobody.queued], [null, 1]);
  const steps: (readonly [number, Command])[] = [
    [4, { kind: "snooze", incident, minutes: 30 }],
    [10, { kind: "wake", incident }],
    [2, { kind: "acknowledge", incident }],
    [8, { kind: "unassign", incident }],
    [1, { kind: "dismiss", incident }],
  ];
  const { queue_ms, queued, handed_back, pending_since_ms } = await measured(steps, {}, []);
  assert.equal([queue_ms, queued, pending_since_ms], [7 * minute_ms, 3, null]);
  assert.is(handed_back, 0, "nobody had it");
  const waiting = await measured(steps.slice(0, 4), {}, []);
  assert.equal([waiting.queue_ms, waiting.pending_since_ms === null], [6 * minute_ms, false]);
  assert.is((await measured([])).queue_ms, 0, "somebody had room");
});

it("it counts who had it taken from them, and by whom its severity was raised", async () => {
  const { handed_over, handed_back, raised_by_hand, raised_by_rule } = await measured(
    [
      [1, { kind: "assign", incident, handler: "Bob" }],
      [1, { kind: "assign", incident, handler: "Alice" }],
      [1, { kind: "unassign", incident }],
      [1, { kind: "escalate", incident }],
      [1, { kind: "update", incident, severity: 5 }],
      [
        1,
        {
          kind: "report",
          incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
          dedup_key: "k",
          severity: 1,
          title: "x",
        },
      ],
    ],
    { dedup_key: "k", assigned_to: "Alice", severity: 4 },
  );
  assert.equal([handed_over, handed_back, raised_by_hand, raised_by_rule], [2, 1, 1, 1]);
});

it("an ack timeout that gives it to another counts as rerouted", async () => {
  const desk = await openDesk();
  await desk.run({ kind: "change-team", team: "default", rules: { ack_timeout_seconds: 60 } });
  await desk.report();
  desk.runtime.sleepThrough(2 * minute_ms);
  await desk.run({ kind: "pass-time", at: new Date(desk.runtime.now()).toISOString() });
  const { rerouted, handed_over } = await foldOf(desk);
  assert.equal([rerouted, handed_over], [1, 0]);
});
