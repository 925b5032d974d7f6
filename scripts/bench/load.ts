import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { Pool, request } from "undici";
import { ratios, spread } from "./measure.ts";
import type { BenchSettings } from "./row.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** The administrator's key of the services that are measured. */
export const adminKey = "bench-key-0123456789";

const headers = { "content-type": "application/json", authorization: `Bearer ${adminKey}` };

/** The report that is measured. */
export const report = JSON.stringify({
  type: "System Outage",
  title: "Complete system failure",
  description: "Nothing answers.",
  severity: 1,
  source: "operator",
  timestamp: "2023-12-17T10:00:00Z",
  labels: { service: "checkout" },
});

/** What some seconds of load gave. */
export interface Drive {
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly answered: number;
}

/** How many requests a second two servers took in turn, and what one is of the other. */
export function compared(ours: readonly Drive[], yardstick: readonly Drive[]) {
  const [per_second, bare_per_second] = [ours, yardstick].map((drives) => drives.map((each) => each.per_second));
  return {
    value: ratios(per_second ?? [], bare_per_second ?? []),
    speeds: { per_second: spread(per_second ?? []), bare_per_second: spread(bare_per_second ?? []) },
  };
}

/** What is asked again and again. */
export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

/** Asks a server the same over many connections. Throws where an answer fails: what fails fast is no speed. */
export async function drive(
  server: ServerProcess,
  asked: Asked,
  { connections, seconds }: Pick<BenchSettings, "connections" | "seconds">,
): Promise<Drive> {
  const result = await autocannon({
    url: server.url + asked.path,
    method: asked.method,
    connections,
    duration: seconds,
    headers,
    ...(asked.body === undefined ? {} : { body: asked.body }),
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

/**
 * Asks so many times a second, evenly, whether or not earlier requests were answered, and measures each from the moment when it was
 * due: a server that stalls is not asked less meanwhile. Returns the 99th percentile, in milliseconds.
 */
export async function p99AtRate(
  server: ServerProcess,
  { method, path, body = null }: { readonly method: "POST"; readonly path: string; readonly body?: string | null },
  {
    connections,
    seconds,
    per_second,
  }: Pick<BenchSettings, "connections" | "seconds"> & { readonly per_second: number },
): Promise<number> {
  const pool = new Pool(server.url, { connections });
  const times_ms: number[] = [];
  const askOnce = async (due_ms: number): Promise<void> => {
    const answer = await pool.request({ method, path, headers, body });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered with ${answer.statusCode}`);
    times_ms.push(performance.now() - due_ms);
  };
  const begun_ms = performance.now();
  const open: Promise<void>[] = [];
  for (let sent = 0; sent < per_second * seconds; ) {
    const due = Math.min(per_second * seconds, ((performance.now() - begun_ms) * per_second) / 1000);
    for (; sent < due; sent += 1) open.push(askOnce(begun_ms + (1000 * sent) / per_second));
    await new Promise(setImmediate);
  }
  await Promise.all(open);
  await pool.close();
  times_ms.sort((a, b) => a - b);
  return times_ms[Math.ceil(times_ms.length * 0.99) - 1] ?? 0;
}

/** One request of the administrator; throws where it is refused. */
export async function ask<Answer>(server: ServerProcess, method: Asked["method"], path: string, body?: object) {
  const text = body === undefined ? null : JSON.stringify(body);
  const answer = await request(server.url + path, { method, headers, body: text });
  if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered with ${answer.statusCode}`);
  return (await answer.body.json()) as Answer;
}

/** How many incidents a service holds, as soon as its list shows all that was answered. */
export async function countIncidents(server: ServerProcess): Promise<number> {
  const { total } = await ask<{ total: number }>(server, "GET", "/incidents?limit=1&count=true");
  return total;
}

/** Starts the service, as users do, on a data directory. */
export function startService(data_dir: string, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  return startServer(["dist/bundled/main.js", "serve"], {
    PORT: "0",
    DATA_DIR: data_dir,
    ADMIN_API_KEY: adminKey,
    LOG_FORMAT: "json",
    ...env,
  });
}

/** Starts the yardstick: a bare Fastify server; `answer` is what it serves at GET /constant. */
export function startYardstick(answer?: unknown): Promise<ServerProcess> {
  const program = fileURLToPath(new URL("./noop-server.ts", import.meta.url));
  return startServer(["--import", "tsx", program, ...(answer === undefined ? [] : [written(answer)])], {});
}

/** Does something with a new directory, which is gone afterwards. */
export async function inDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-bench-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function written(answer: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), "incident-ledger-bench-answer-")), "answer.json");
  writeFileSync(file, JSON.stringify(answer));
  return file;
}
