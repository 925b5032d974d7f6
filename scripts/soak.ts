/**
 * Runs the service under an even load for hours, and prints each minute what it takes: memory, the time of its answers, the
 * length of its logs. Exits 1 where one of them grows.
 *
 *     npm run soak                                      for eight hours, twenty incidents a second
 *     npm run soak -- --minutes 60 --rate 100           for an hour, a hundred a second
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";
import { EvenLoad } from "./soak/even-load.ts";
import { type Minute, whatGrew } from "./soak/growth.ts";
import { lookAt } from "./soak/look-at.ts";
import { verdictOn } from "./torture/aftermath.ts";
import { startVictim } from "./torture/victim.ts";

const values = readOptions(import.meta.url, {
  minutes: { type: "string", default: "480" },
  rate: { type: "string", default: "20" },
});
const minutes = wholeNumber("minutes", values.minutes, 1);
const rate = wholeNumber("rate", values.rate, 1);

const { status } = spawnSync(process.execPath, [join("scripts", "setup.mjs")], { stdio: "inherit" });
if (status !== 0) process.exit(1);

const data_dir = mkdtempSync(join(tmpdir(), "incident-ledger-soak-"));
const victim = await startVictim(data_dir);
// What awaits its closing is kept in memory for thirty days, which is no growth that should be seen here.
await victim.ask("PATCH", "/teams/default", { rules: { auto_close_days: 0 } });
const load = new EvenLoad(victim, rate);
const seen: Minute[] = [];
console.log("minute  incidents  memory MB  p50 ms  p99 ms  ledger WAL MB  list WAL MB");
for (let minute = 1; minute <= minutes; minute += 1) {
  const { incidents, latencies_ms } = await load.minute();
  const now = lookAt({ minute, incidents, latencies_ms, pid: victim.pid, data_dir });
  seen.push(now);
  const { memory_mb, p50_ms, p99_ms, ledger_wal_mb, list_wal_mb } = now;
  const cells = [minute, incidents, memory_mb, p50_ms, p99_ms, ledger_wal_mb, list_wal_mb];
  const widths = [6, 9, 9, 6, 6, 13, 11];
  console.log(cells.map((cell, index) => String(cell).padStart(widths[index] ?? 0)).join("  "));
}
const code = await victim.end("SIGTERM");
const verdict = await verdictOn(data_dir);
const wrong = [
  ...whatGrew(seen),
  ...load.faults.slice(0, 5),
  ...(code === 0 ? [] : [`the service ended with ${code}`]),
  ...(verdict.code === 0 ? [] : [`verify ends with ${verdict.code}: ${verdict.said}`]),
];
for (const what of wrong) console.log(what);
if (wrong.length === 0) {
  rmSync(data_dir, { recursive: true, force: true });
  console.log(`Nothing grew in ${minutes} minutes, and verify finds nothing wrong.`);
} else console.log(`The data directory is ${data_dir}.`);
process.exit(wrong.length === 0 ? 0 : 1);
