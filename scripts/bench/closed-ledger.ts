import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Desk } from "../../src/desk/desk.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import type { Command } from "../../src/rules/commands.ts";
import { type Runtime, systemRuntime } from "../../src/runtime/runtime.ts";

const wave_length = 64;
const apart_ms = 30_000;
const day_ms = 24 * 60 * 60 * 1000;

/**
 * Writes a ledger of so many incidents that are all closed, through the desk and its rules: each is reported, assigned,
 * acknowledged, resolved, and closed when its thirty days are over. It ends in the past, so that a service can go on from it.
 */
export async function writeClosedLedger(data_dir: string, incidents: number): Promise<{ readonly position: number }> {
  mkdirSync(data_dir, { recursive: true, mode: 0o700 });
  const system = systemRuntime();
  const clock = { ms: system.now() - incidents * apart_ms - 33 * day_ms };
  const runtime: Runtime = { ...system, now: () => clock.ms, elapsed: () => clock.ms };
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), runtime });
  const handlers = Array.from({ length: 2 * wave_length }, (_, index) => `handler-${index}`);
  const desk = await Desk.open({ ledger, runtime, loadBoard: () => boardAt(ledger), handlers });
  const submit = async (command: Command): Promise<number> => {
    const outcome = await desk.submit({ command, actor: "admin" });
    if (outcome.kind !== "written") throw new Error(`${command.kind} is ${outcome.kind}`);
    return outcome.incident?.number ?? 0;
  };
  const live = async (index: number): Promise<void> => {
    const incident = await submit({
      kind: "report",
      incident_id: runtime.uuid(),
      title: `High error rate of checkout-${index % 40}`,
      description: "More than five percent of the requests have failed for ten minutes.",
      severity: 1 + (index % 5),
      source: "prometheus",
      labels: { service: "checkout" },
    });
    await submit({ kind: "acknowledge", incident });
    await submit({ kind: "resolve", incident });
  };
  for (let done = 0; done < incidents; done += wave_length) {
    clock.ms += apart_ms * wave_length;
    await desk.catchUp();
    const count = Math.min(wave_length, incidents - done);
    await Promise.all(Array.from({ length: count }, (_, index) => live(done + index)));
  }
  clock.ms += 32 * day_ms;
  await desk.catchUp();
  await desk.close();
  const { position } = await ledger.head();
  await ledger.close();
  return { position };
}
