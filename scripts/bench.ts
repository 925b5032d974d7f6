import { cpus } from "node:os";
import { benchDialects } from "./bench/dialects.ts";
import { median, rounded, spread, spreadText } from "./bench/measure.ts";
import type { BenchRow, BenchSettings, Measured } from "./bench/row.ts";
import { decision } from "./bench/rows/decision.ts";
import { large } from "./bench/rows/large.ts";
import { latency } from "./bench/rows/latency.ts";
import { others } from "./bench/rows/others.ts";
import { reads } from "./bench/rows/reads.ts";
import { audits } from "./bench/rows/replay.ts";
import { reports } from "./bench/rows/reports.ts";
import { clientCore, pinThread } from "./bench/server-process.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";

/**
 * Measures the service next to what is possible on the same machine, in the same run: a table, or JSON with --json.
 *
 *     npm run bench                                  every row; the large ledgers have 20,000 incidents
 *     npm run bench -- --only reports,incident       some rows
 *     npm run bench -- --incidents 1000000           large ledgers as large as the goals mean; the three that have them take twenty minutes
 *     npm run bench -- --rounds 9 --seconds 5 --connections 64
 *     npm run bench -- --dialects                    each dialect next to the service's own interface (--only names some)
 */
const rows: readonly BenchRow[] = [reports, latency, ...reads, ...audits, decision, ...large, ...others];

const values = readOptions(import.meta.url, {
  rounds: { type: "string", default: "7" },
  seconds: { type: "string", default: "3" },
  connections: { type: "string", default: "64" },
  incidents: { type: "string", default: "20000" },
  only: { type: "string" },
  dialects: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
});
const settings: BenchSettings = {
  rounds: wholeNumber("rounds", values.rounds, 1),
  seconds: wholeNumber("seconds", values.seconds, 1),
  connections: wholeNumber("connections", values.connections, 1),
  incidents: wholeNumber("incidents", values.incidents, 1),
};

function wanted(): readonly BenchRow[] {
  const keys = values.only?.split(",");
  const unknown = keys?.find((key) => !rows.some((row) => row.key === key));
  if (unknown !== undefined) {
    console.error(`There is no row "${unknown}"; there are ${rows.map(({ key }) => key).join(", ")}.`);
    process.exit(2);
  }
  return rows.filter(({ key }) => keys?.includes(key) ?? true);
}

async function benchRows(): Promise<void> {
  const pinned = pinThread(process.pid, clientCore);
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version, pinned };
  const results: (Measured & Pick<BenchRow, "key" | "what" | "goal">)[] = [];
  if (!values.json) process.stdout.write(`${JSON.stringify({ machine, ...settings })}\n`);
  for (const { key, what, goal, run } of wanted()) {
    const result = { key, what, goal, ...(await run(settings)) };
    results.push(result);
    if (!values.json) print(result);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, settings, rows: results })}\n`);
}

function print({ key, what, goal, value, is_reached, details }: Measured & Omit<BenchRow, "run">): void {
  process.stdout.write(
    `\n${key.padEnd(10)} ${spreadText(value).padEnd(26)} ${goal}: ${is_reached ? "reached" : "NOT reached"}\n`,
  );
  process.stdout.write(`           ${what}\n`);
  for (const [name, detail] of Object.entries(details)) {
    const text = typeof detail === "object" ? spreadText(detail) : String(detail);
    process.stdout.write(`             ${name.padEnd(26)} ${text}\n`);
  }
}

async function compareDialects(): Promise<void> {
  const { only } = values;
  const works = await benchDialects({ ...settings, ...(only === undefined ? {} : { only }) });
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ machine, settings, works })}\n`);
    return;
  }
  process.stdout.write(`${JSON.stringify({ machine, ...settings })}\n\n`);
  process.stdout.write(`${"work".padEnd(28)} ${"dialect/s".padStart(10)} ${"own/s".padStart(10)}   ratio\n`);
  for (const { work, dialect_per_second, own_per_second, ratios } of works) {
    const [theirs, ours] = [dialect_per_second, own_per_second].map((all) => rounded(median(all)).padStart(10));
    process.stdout.write(`${work.padEnd(28)} ${theirs} ${ours}   ${spreadText(spread(ratios))}\n`);
  }
}

if (values.dialects) await compareDialects();
else await benchRows();
