import { Desk } from "../../../src/desk/desk.ts";
import { MemoryLedger } from "../../../src/ledger/memory/memory-ledger.ts";
import { boardAt } from "../../../src/readmodels/fold-board.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { inTurn, ratios, spread } from "../measure.ts";
import type { BenchRow } from "../row.ts";

const [few, many] = [100, 100_000];
const most = 3;
const decisions = 2000;

/** What a decision costs where much waits. */
export const decision: BenchRow = {
  key: "decision",
  what: `a decision of the queue with ${many.toLocaleString("en")} pending ÷ the same with ${few}`,
  goal: `≤ ${most} ×`,
  run: async ({ rounds }) => {
    const [short, long] = [await deskWith(few), await deskWith(many)];
    const turns = await inTurn(
      rounds,
      () => cost(long),
      () => cost(short),
    );
    await Promise.all([short.close(), long.close()]);
    const value = ratios(turns.one, turns.other);
    return {
      value,
      is_reached: value.median <= most,
      details: { with_many_us: spread(turns.one), with_few_us: spread(turns.other) },
    };
  },
};

async function deskWith(pending: number): Promise<Desk> {
  const runtime = systemRuntime();
  const ledger = new MemoryLedger({ runtime });
  const desk = await Desk.open({ ledger, runtime, loadBoard: () => boardAt(ledger), handlers: ["Alice"] });
  for (let done = 0; done <= pending; done += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => reportOne(desk, done + index)));
  }
  return desk;
}

async function reportOne(desk: Desk, index: number): Promise<void> {
  const command = {
    kind: "report",
    incident_id: systemRuntime().uuid(),
    title: "It is slow",
    severity: 1 + (index % 5),
  } as const;
  const outcome = await desk.submit({ command, actor: "admin" });
  if (outcome.kind !== "written") throw new Error(`the report is ${outcome.kind}`);
}

/** Who has the one incident resolves it and gets the most urgent of the queue, which a new one joins; microseconds for both. */
async function cost(desk: Desk): Promise<number> {
  const begun_ms = performance.now();
  for (let done = 0; done < decisions; done += 1) {
    const [incident] = desk.board.workOf("Alice");
    if (incident === undefined) throw new Error("Alice has nothing");
    await desk.submit({ command: { kind: "resolve", incident }, actor: "admin" });
    await reportOne(desk, done);
  }
  return (1000 * (performance.now() - begun_ms)) / decisions;
}
