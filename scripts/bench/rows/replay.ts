import { join } from "node:path";
import Database from "better-sqlite3";
import { auditLedger } from "../../../src/audit/audit.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../../src/ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../../../src/readmodels/fold-board.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { writeClosedLedger } from "../closed-ledger.ts";
import { inDirectory } from "../load.ts";
import { inTurn, ratios, spread } from "../measure.ts";
import type { BenchRow, BenchSettings, Measured } from "../row.ts";

/** What audits take. */
export const audits: readonly BenchRow[] = [
  {
    key: "replay",
    what: "replay, events per second ÷ a bare scan of the same rows with JSON.parse",
    goal: "≥ 0.6 ×",
    run: (settings) =>
      compare(
        settings,
        0.6,
        (ledger) => boardAt(ledger),
        (_ledger, file) => scan(file),
      ),
  },
  {
    key: "verify",
    what: "verify (chain, schemas and every decision again), events per second ÷ replay",
    goal: "≥ 0.25 ×",
    run: (settings) => compare(settings, 0.25, audited, (ledger) => boardAt(ledger)),
  },
];

type Work = (ledger: Ledger, file: string) => Promise<unknown>;

function compare({ rounds, incidents }: BenchSettings, least: number, one: Work, other: Work): Promise<Measured> {
  return inDirectory(async (directory) => {
    const { position } = await writeClosedLedger(directory, Math.min(incidents, 20_000));
    const file = join(directory, "ledger.db");
    const ledger = openSqliteLedger({ file, runtime: systemRuntime() });
    const timed = (work: Work) => async () => {
      const begun_ms = performance.now();
      await work(ledger, file);
      return (1000 * position) / (performance.now() - begun_ms);
    };
    try {
      const turns = await inTurn(rounds, timed(one), timed(other));
      const value = ratios(turns.one, turns.other);
      return {
        value,
        is_reached: value.median >= least,
        details: { events: position, events_per_second: spread(turns.one), yardstick: spread(turns.other) },
      };
    } finally {
      await ledger.close();
    }
  });
}

/** Reads every row of the ledger that a replay needs, and nothing else. */
async function scan(file: string): Promise<number> {
  const database = new Database(file, { readonly: true });
  let parsed = 0;
  for (const { data, meta } of database.prepare<[], { data: string; meta: string }>("SELECT * FROM events").iterate()) {
    JSON.parse(data);
    JSON.parse(meta);
    parsed += 1;
  }
  database.close();
  return parsed;
}

async function audited(ledger: Ledger): Promise<void> {
  const { fault_count } = await auditLedger(ledger);
  if (fault_count > 0) throw new Error(`the ledger that was made for this has ${fault_count} faults`);
}
