import { Board } from "../../projections/board.ts";
import { defaultTeamRules } from "../../projections/team.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { decideCommit } from "../rules/commit.ts";
import { handlerFact, ledgerFact, teamFact } from "../rules/new-event.ts";
import { latestRules, type Rules, rulesOf } from "../rules/rules.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The team that every ledger has. */
export const defaultTeam = "default";

/** Writes position 1 and what belongs to it: the first team and its handlers. Does nothing where there is a head. */
export async function openLedger(ledger: Ledger, runtime: Runtime, handlers: readonly string[]): Promise<void> {
  const head = await ledger.head();
  if (head.position > 0) return;
  const rules = newestRules();
  const context = { command_id: runtime.uuid(), actor: "system", at: new Date(runtime.now()).toISOString() };
  const events = decideCommit(new Board(), rules, context, [
    ledgerFact("ledger.opened", { ledger_id: runtime.uuid(), rules: rules.number }),
    teamFact(defaultTeam, "team.created", { team: defaultTeam, rules: defaultTeamRules }),
    ...handlers.map((handler) => {
      const data = { handler, team: defaultTeam, capacity: defaultTeamRules.default_capacity };
      return handlerFact(handler, "handler.joined", data);
    }),
  ]);
  await ledger.append(0, [{ command_id: context.command_id, events }]);
}

/** Puts the newest rules of this build in force, where the board still has older ones. The board evolves with it. */
export async function adoptNewestRules(ledger: Ledger, board: Board, runtime: Runtime, at: string): Promise<void> {
  if (board.rules >= latestRules) return;
  const rules = newestRules();
  const context = { command_id: runtime.uuid(), actor: "system", at };
  const expected = board.position;
  const events = decideCommit(board, rules, context, [ledgerFact("rules.adopted", { number: rules.number })]);
  const result = await ledger.append(expected, [{ command_id: context.command_id, events }]);
  if (!result.appended) throw new Error("another process wrote to the ledger while it was being opened; start again");
}

function newestRules(): Rules {
  const rules = rulesOf(latestRules);
  if (rules === undefined) throw new Error("this build has no rules");
  return rules;
}
