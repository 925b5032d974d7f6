import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { request } from "undici";
import { benchDialects } from "./bench/dialects.ts";
import { clientCore, pinThread, type ServerProcess, startServer } from "./bench/server-process.ts";

/**
 * Reports per second over HTTP, durable, settled and readable when answered, next to a bare Fastify route with the same
 * body schema, driven by the same client. `npm run bench -- [--rounds 7] [--seconds 3] [--connections 64] [--json]`
 * With --dialects: requests per second through each dialect, next to the same work through the service's own interface;
 * --only names some of that work.
 */
const options = {
  rounds: numberOption("rounds", 7),
  seconds: numberOption("seconds", 3),
  connections: numberOption("connections", 64),
  json: process.argv.includes("--json"),
};

const adminKey = "bench-key-0123456789";

const report = JSON.stringify({
  type: "System Outage",
  title: "Complete system failure",
  description: "Nothing answers.",
  severity: 1,
  source: "operator",
  timestamp: "2023-12-17T10:00:00Z",
  labels: { service: "checkout" },
});

/** After each of its rounds the service folds its list up to date, so that nothing is left over for the yardstick's. */
interface Lag {
  readonly list_behind_ms: number;
}

interface Round {
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly answered: number;
}

async function drive(server: ServerProcess): Promise<Round> {
  const result = await autocannon({
    url: `${server.url}/incidents`,
    method: "POST",
    connections: options.connections,
    duration: options.seconds,
    headers: { "content-type": "application/json", authorization: `Bearer ${adminKey}` },
    body: report,
  });
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${result.errors} requests failed and ${result.non2xx} were not answered with 2xx`);
  }
  const answered = result["2xx"];
  return {
    per_second: answered / result.duration,
    p50_ms: result.latency.p50,
    p99_ms: result.latency.p99,
    answered,
  };
}

/** How long the list of all incidents takes to show the last of the reports. */
async function listLag(server: ServerProcess): Promise<Lag> {
  const begun = performance.now();
  await countIncidents(server);
  return { list_behind_ms: performance.now() - begun };
}

/** How many incidents the service holds: those that were answered must be among them. */
async function countIncidents(server: ServerProcess): Promise<number> {
  const answer = await request(`${server.url}/incidents?limit=1&count=true`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  const body = (await answer.body.json()) as { total: number };
  return body.total;
}

function numberOption(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
  return value;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1);
  return (low + high) / 2;
}

function spread(values: readonly number[]) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

async function benchReports(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-bench-"));
  const pinned = pinThread(process.pid, clientCore);
  const noop = await startServer(
    ["--import", "tsx", fileURLToPath(new URL("./bench/noop-server.ts", import.meta.url))],
    {},
  );
  const service = await startServer(["--max-semi-space-size=64", "dist/src/cli/main.js", "serve"], {
    PORT: "0",
    DATA_DIR: directory,
    ADMIN_API_KEY: adminKey,
    LOG_FORMAT: "json",
  });
  try {
    const rounds: { readonly noop: Round; readonly service: Round & Lag; readonly ratio: number }[] = [];
    await drive(noop);
    let answered = (await drive(service)).answered;
    await listLag(service);
    for (let round = 0; round < options.rounds; round += 1) {
      const bare = await drive(noop);
      const ours = await drive(service);
      answered += ours.answered;
      const lag = await listLag(service);
      rounds.push({ noop: bare, service: { ...ours, ...lag }, ratio: ours.per_second / bare.per_second });
    }
    const held = await countIncidents(service);
    if (held < answered) throw new Error(`${answered} reports were answered, but only ${held} incidents can be read`);
    const result = {
      what: "reports per second over HTTP, durable, hash-chained, settled, readable when answered",
      machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version, pinned },
      options: { rounds: options.rounds, seconds: options.seconds, connections: options.connections },
      noop_per_second: spread(rounds.map((round) => round.noop.per_second)),
      service_per_second: spread(rounds.map((round) => round.service.per_second)),
      ratio: spread(rounds.map((round) => round.ratio)),
      noop_p99_ms: spread(rounds.map((round) => round.noop.p99_ms)),
      service_p99_ms: spread(rounds.map((round) => round.service.p99_ms)),
      list_behind_ms: spread(rounds.map((round) => round.service.list_behind_ms)),
      incidents_answered: answered,
      incidents_readable: held,
    };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else print(result);
  } finally {
    await Promise.all([noop.stop(), service.stop()]);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compareDialects(): Promise<void> {
  const at = process.argv.indexOf("--only");
  const only = process.argv[at + 1];
  const works = await benchDialects({ ...options, ...(at < 0 || only === undefined ? {} : { only }) });
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ machine, options, works })}\n`);
    return;
  }
  process.stdout.write(`${JSON.stringify({ machine, options })}\n\n`);
  process.stdout.write(`${"work".padEnd(28)} ${"dialect/s".padStart(10)} ${"own/s".padStart(10)}   ratio\n`);
  for (const { work, dialect_per_second, own_per_second, ratios } of works) {
    const [theirs, ours] = [dialect_per_second, own_per_second].map((values) => round(median(values)).padStart(10));
    const { median: middle, min, max } = spread(ratios);
    process.stdout.write(`${work.padEnd(28)} ${theirs} ${ours}   ${round(middle)} (${round(min)} … ${round(max)})\n`);
  }
}

function print(result: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(result)) {
    const isSpread = typeof value === "object" && value !== null && "median" in value;
    const { median: middle, min, max } = value as { median: number; min: number; max: number };
    const text = isSpread ? `${round(middle)}   (${round(min)} … ${round(max)})` : JSON.stringify(value);
    process.stdout.write(`${name.padEnd(20)} ${text}\n`);
  }
}

function round(value: number): string {
  return value < 100 ? value.toFixed(2) : Math.round(value).toString();
}

if (process.argv.includes("--dialects")) await compareDialects();
else await benchReports();
