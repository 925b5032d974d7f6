import { array, assert as assertProperty, asyncProperty, nat, noBias } from "fast-check";
import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { MemoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { Choices } from "../simulation/choices.ts";
import { Hits } from "../simulation/hits.ts";
import { play } from "../simulation/play.ts";
import { type NaiveQuery, naiveStatistics, type StatisticsEvent } from "../support/statistics/naive-statistics.ts";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode } from "./support/node.ts";

const it = suite("the statistics of any history");

const seed = Number(process.env.SIMULATION_SEED ?? 20_231_217);

/** A ledger of the commits that a list of moves makes. */
async function ledgerOf(moves: readonly number[]): Promise<MemoryLedger> {
  const ledger = new MemoryLedger({ runtime: systemRuntime() });
  const commits: (readonly RecordedEvent[])[] = [];
  play(moves, new Hits(), { hear: (events) => commits.push(events) });
  let position = 0;
  for (const events of commits) {
    const command_id = events[0]?.command_id ?? "";
    await ledger.append(position, [{ command_id, events }]);
    position += events.length;
  }
  return ledger;
}

/** Every event, as GET /events gives them. */
async function eventsFrom(call: Call): Promise<StatisticsEvent[]> {
  const events: StatisticsEvent[] = [];
  for (let cursor: unknown = null; ; ) {
    const answer = await call("GET", `/events?limit=1000${cursor === null ? "" : `&cursor=${cursor}`}`);
    events.push(...(rowsOf(answer, "events") as unknown as StatisticsEvent[]));
    cursor = answer.json.next_cursor;
    if (cursor === null) return events;
  }
}

/** The answer's measures, without the rows that have no incidents. */
function measuresOf({ all, by_severity, by_team, by_handler, by_day }: Json) {
  const rows = (section: unknown) => (section as { counts: Json }[]).filter(({ counts }) => counts.reported !== 0);
  return {
    all,
    by_severity: rows(by_severity),
    by_team: rows(by_team),
    by_handler: rows(by_handler),
    by_day: rows(by_day),
  };
}

/** Questions about a history, and the same in the API's words. */
function questionsOf(events: readonly StatisticsEvent[], choices: Choices): readonly [NaiveQuery, string][] {
  const from = choices.one(events).recorded_at;
  const to = choices.one(events).recorded_at;
  const [early = "", late = ""] = [from, to].sort();
  const span = { from: early, to: late };
  return [
    [{}, ""],
    [span, `from=${early}&to=${late}`],
    [{ from: early }, `from=${early.replace("Z", "%2B00:00")}`],
    [{ to: late, severity: [1, 3] }, `to=${late}&severity=critical,3`],
    [{ team: "default" }, "team=DEFAULT"],
    [{ assigned_to: "Alice", ...span }, `assigned_to=alice&from=${early}&to=${late}`],
    [{ source: "prometheus" }, "source=prometheus"],
    [{ type: "Network Issue", label: "service:checkout" }, "type=Network%20Issue&label=service:checkout"],
  ];
}

it("are what counting its events by hand gives", async () => {
  const moves = array(noBias(nat()), { minLength: 90, maxLength: 110 });
  const seen = { acknowledged: 0, reopenings: 0, reported_resolved: 0, reassigned: 0, escalated: 0, queued: 0 };
  const holds = asyncProperty(moves, noBias(nat()), async (list, chance) => {
    const ledger = await ledgerOf(list);
    const node = await openNode({ around: () => ledger });
    const call = callerOf(node.app);
    const events = await eventsFrom(call);
    for (const [query, words] of questionsOf(events, new Choices(chance))) {
      const answer = await call("GET", `/statistics?${words}`);
      if (answer.status === 404 && query.assigned_to !== undefined) continue;
      assert.is(answer.status, 200, answer.text);
      const naive = naiveStatistics(events, query);
      assert.equal(measuresOf(answer.json), naive, words);
      for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += naive.all.counts[name];
    }
    await node.close();
  });
  await assertProperty(holds, { numRuns: 8, seed, endOnFailure: true });
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 0, `no history had ${name}`);
});
