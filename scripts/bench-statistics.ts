import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Ledger } from "../src/ledger/ledger.ts";
import { foldIntoList } from "../src/readmodels/list-fold.ts";
import { ReadDatabase } from "../src/readmodels/read-database.ts";
import { dimensions, type StatisticsQuery } from "../src/readmodels/statistics/statistics-query.ts";
import { StatisticsThread } from "../src/readmodels/statistics/statistics-thread.ts";
import { systemRuntime } from "../src/runtime/runtime.ts";
import { generatedEvents } from "./bench/generated-events.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";

/**
 * How long statistics take over a read.db of generated incidents, and how long the main thread waits meanwhile.
 * `npm run bench:statistics -- [--incidents 1000000] [--days 365]`
 */
const values = readOptions(import.meta.url, {
  incidents: { type: "string", default: "1000000" },
  days: { type: "string", default: "365" },
});
const incidents = wholeNumber("incidents", values.incidents, 1);
const days = wholeNumber("days", values.days, 1);
const rounds = 5;

const directory = mkdtempSync(join(tmpdir(), "bench-statistics-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, "read.db");

/** Folds generated events into a new list, as its thread does. Returns how many events there were, and how long it took. */
async function build(): Promise<{ events: number; fold_ms: number }> {
  const database = ReadDatabase.create(file);
  const ledger = {} as Ledger;
  let events = 0;
  let fold_ms = 0;
  for (const batch of generatedEvents(incidents, days)) {
    const start = performance.now();
    await foldIntoList(database, ledger, batch);
    fold_ms += performance.now() - start;
    events += batch.length;
  }
  database.complete();
  database.close();
  return { events, fold_ms };
}

/** How many bytes of the file the statistics take. */
function measureBytes(): number {
  const database = new Database(file, { readonly: true });
  const bytes = database
    .prepare<[], number>("SELECT sum(pgsize) FROM dbstat WHERE name IN ('measures', 'measure_names')")
    .pluck();
  const total = bytes.get() ?? 0;
  database.close();
  return total;
}

const whole: StatisticsQuery = {
  filters: {},
  by: dimensions,
  teams: [],
  handlers: [],
  format: "json",
  most_groups: 10_000,
};

const last_day = new Date(Date.UTC(2023, 0, days)).toISOString();
const month_before = new Date(Date.UTC(2023, 0, days - 30)).toISOString();

const questions: readonly (readonly [string, StatisticsQuery])[] = [
  ["everything, in all groups", whole],
  ["everything, as CSV", { ...whole, format: "csv" }],
  ["everything, without groups", { ...whole, by: [] }],
  ["everything, by day", { ...whole, by: ["day"] }],
  ["one team", { ...whole, filters: { team: "team-7" } }],
  ["one label", { ...whole, filters: { labels: [{ key: "service", value: "service-7" }] } }],
  ["the last thirty days", { ...whole, filters: { reported_after: month_before } }],
  ["the last day", { ...whole, filters: { reported_after: last_day } }],
];

/** Asks each question, and notes the longest that anybody else on this thread had to wait. */
async function ask(): Promise<void> {
  const thread = new StatisticsThread(file, systemRuntime());
  await thread.ask({ ...whole, filters: { reported_after: "2999-01-01T00:00:00.000Z" } });
  for (const [name, query] of questions) {
    const times: number[] = [];
    const used = process.cpuUsage();
    let bytes = 0;
    let longest_ms = 0;
    for (let round = 0; round < rounds; round += 1) {
      let last = performance.now();
      const ticks = setInterval(() => {
        longest_ms = Math.max(longest_ms, performance.now() - last - 1);
        last = performance.now();
      }, 1);
      const start = performance.now();
      // Each a question of its own, so that no answer is one that was remembered.
      bytes = (await thread.ask({ ...query, most_groups: whole.most_groups + round })).body.length;
      times.push(performance.now() - start);
      clearInterval(ticks);
    }
    times.sort((a, b) => a - b);
    const [least, median] = [times[0] ?? 0, times[Math.floor(rounds / 2)] ?? 0];
    const waited = `the main thread waits ${Math.round(longest_ms)} ms at most`;
    const { user, system } = process.cpuUsage(used);
    const cpu_ms = (user + system) / 1000 / rounds;
    const took = `median ${median.toFixed(0)} ms, least ${least.toFixed(0)} ms, ${cpu_ms.toFixed(0)} ms of CPU`;
    console.log(`${name}: ${took}, ${bytes} bytes; ${waited}`);
  }
  await thread.close();
}

console.log(`${incidents} incidents in ${days} days, Node ${process.version}, ${cpus()[0]?.model}`);
const { events, fold_ms } = await build();
console.log(`folding: ${events} events, ${Math.round(events / (fold_ms / 1000))} events/s`);
const all = statSync(file).size / incidents;
console.log(
  `read.db: ${all.toFixed(0)} bytes per incident, of which measures ${(measureBytes() / incidents).toFixed(0)}`,
);
await ask();
