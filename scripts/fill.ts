import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fillLedger } from "./bench/fill-ledger.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";

/**
 * Makes a ledger with a generated day of incidents, to try things on and to measure:
 * `npm run fill -- --data-dir <new directory> [--incidents 10000] [--seed 1] [--begins 2026-01-05T06:00:00Z]`
 */
const values = readOptions(import.meta.url, {
  "data-dir": { type: "string" },
  incidents: { type: "string", default: "10000" },
  seed: { type: "string", default: "1" },
  begins: { type: "string", default: "2026-01-05T06:00:00Z" },
});
const data_dir = values["data-dir"];
const incidents = wholeNumber("incidents", values.incidents, 1);
const seed = wholeNumber("seed", values.seed);
const begins = new Date(values.begins);

if (data_dir === undefined) fail("Say with --data-dir which directory gets the ledger.");
else if (existsSync(join(data_dir, "ledger.db"))) fail(`${data_dir} has a ledger; choose a new directory.`);
else if (Number.isNaN(begins.getTime())) fail("--begins takes a time such as 2026-01-05T06:00:00Z.");
else await fill(data_dir);

async function fill(directory: string): Promise<void> {
  const began_ms = performance.now();
  const filled = await fillLedger({ data_dir: directory, incidents, seed, begins: begins.toISOString() });
  const took_seconds = (performance.now() - began_ms) / 1000;
  const bytes = statSync(join(directory, "ledger.db")).size;
  const result = {
    incidents,
    ...filled,
    events_per_incident: Number((filled.position / incidents).toFixed(2)),
    ledger_bytes_per_incident: Math.round(bytes / incidents),
    commands_per_second: Math.round(filled.written / took_seconds),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}
