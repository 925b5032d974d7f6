import * as assert from "uvu/assert";
import { keyOf, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("what the desk says of handlers and teams");

it("is how each command of a batch left the handler, not how the last one did", async () => {
  const test = await openDesk();
  await test.report();
  const outcomes = await Promise.all(
    [2, 2, 3].map((capacity) => test.run({ kind: "change-handler", handler: "alice", capacity })),
  );
  const [incident] = test.desk.board.incidents.values();
  assert.equal(
    outcomes.map((outcome) => "handler" in outcome && [outcome.kind, outcome.position, outcome.handler]),
    ["written", "unchanged", "written"].map((kind, index) => [
      kind,
      outcomes[index]?.position,
      {
        handler: {
          ...test.desk.board.findHandler("Alice"),
          capacity: index === 2 ? 3 : 2,
          version: index === 2 ? 3 : 2,
        },
        incidents: [incident?.incident_id],
      },
    ]),
  );
  assert.equal(
    outcomes.map((outcome) => "team" in outcome && outcome.team),
    [null, null, null],
  );
});

it("is how each command of a batch left the team, and whom those on incidents concern is not said", async () => {
  const test = await openDesk();
  const [created, changed, reported] = await Promise.all([
    test.run({ kind: "create-team", team: "network" }),
    test.run({ kind: "change-team", team: "Network", rules: { default_capacity: 4 } }),
    test.report({ assigned_to: "Bob" }),
  ]);
  const teamOf = (outcome: typeof created) => ("team" in outcome ? outcome.team : undefined);
  assert.equal([teamOf(created)?.version, teamOf(created)?.rules.default_capacity], [1, 1]);
  assert.equal([teamOf(changed)?.version, teamOf(changed)?.rules.default_capacity], [2, 4]);
  assert.equal([teamOf(reported), "handler" in reported && reported.handler], [null, null]);
});

it("leads to the board as of their commit where the outcome is a stored one", async () => {
  const test = await openDesk();
  const command = { kind: "change-handler", handler: "Alice", capacity: 2 } as const;
  const first = await test.run(command, { idempotency: keyOf("k") });
  await test.run({ ...command, capacity: 3 });
  const again = await test.run(command, { idempotency: keyOf("k") });
  assert.equal("handler" in again && [again.kind, again.position, again.handler, again.team], [
    "written",
    first.position,
    null,
    null,
  ]);
});
