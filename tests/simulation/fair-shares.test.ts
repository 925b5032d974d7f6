import { assert as assertProperty, integer, property } from "fast-check";
import * as assert from "uvu/assert";
import { Board } from "../../projections/board.ts";
import { decideCommit } from "../../src/rules/commit.ts";
import { handlerFact, ledgerFact, type NewFact, teamFact } from "../../src/rules/new-event.ts";
import { latestRules, rulesOf } from "../../src/rules/rules.ts";
import { suite } from "../support/suite.ts";
import { incidentIdOf } from "./names.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 20_231_217);
const at = "2026-01-05T08:00:00.000Z";

/** A board on which reports come in at once over some handlers of the same capacity; commits as given. */
function played(handlers: number, capacity: number, reports: number): Board {
  const rules = rulesOf(latestRules);
  if (rules === undefined) throw new Error("this build has no rules");
  const board = new Board();
  let commands = 0;
  const commit = (facts: readonly NewFact[]) => {
    commands += 1;
    decideCommit(board, rules, { command_id: `command-${commands}`, actor: "admin", at }, facts);
  };
  const team_rules = {
    ack_timeout_seconds: null,
    default_capacity: 1,
    auto_close_days: 30,
    default_snooze_minutes: 60,
  };
  commit([
    ledgerFact("ledger.opened", { ledger_id: incidentIdOf(0), rules: latestRules }),
    teamFact("default", "team.created", { team: "default", rules: team_rules }),
    ...Array.from({ length: handlers }, (_, index) => {
      const handler = `Handler-${index}`;
      return handlerFact(handler, "handler.joined", { handler, team: "default", capacity });
    }),
  ]);
  for (let number = 1; number <= reports; number += 1) {
    const context = { command_id: `command-${number}`, actor: "admin", at };
    const accepted = rules.accept(board, { kind: "report", incident_id: incidentIdOf(number) }, context);
    assert.ok("facts" in accepted);
    commit(accepted.facts);
  }
  return board;
}

const it = suite("n reports at once over k handlers");

it("give each of them n/k, rounded down or up, as long as there is room", () => {
  const upTo = (max: number) => integer({ min: 1, max });
  const holds = property(upTo(9), upTo(12), integer({ min: 0, max: 120 }), (handlers, capacity, wanted) => {
    const reports = Math.min(wanted, handlers * capacity);
    const board = played(handlers, capacity, reports);
    for (const { handler_id, turns, assignments } of board.handlersOf("default")) {
      const share = board.activeOf(handler_id);
      const isFair = share === Math.floor(reports / handlers) || share === Math.ceil(reports / handlers);
      assert.ok(isFair, `${handler_id} has ${share} of ${reports} over ${handlers}`);
      assert.equal([turns, assignments], [share, share]);
    }
    assert.is(board.queueOf("default").size, 0);
  });
  console.log(`\nseed ${seed} (SIMULATION_SEED)`);
  assertProperty(holds, { numRuns: 300, seed });
});

it("leave those waiting for whom nobody has room", () => {
  const board = played(3, 2, 10);
  assert.equal(
    board.handlersOf("default").map(({ handler_id }) => board.activeOf(handler_id)),
    [2, 2, 2],
  );
  assert.equal(
    board
      .queueOf("default")
      .page(1, 10)
      .map(({ number }) => number),
    [7, 8, 9, 10],
  );
});
