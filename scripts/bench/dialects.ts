import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { request } from "undici";
import { clientCore, pinThread, startServer } from "./server-process.ts";

/** How the dialects are measured. */
export interface DialectBenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** Only works whose name contains this. */
  readonly only?: string;
}

/** Requests per second through a dialect and through the service's own interface, and what one is of the other. */
export interface DialectRatio {
  readonly work: string;
  readonly dialect_per_second: readonly number[];
  readonly own_per_second: readonly number[];
  readonly ratios: readonly number[];
}

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly path: string;
  readonly body?: object;
}

/** The same work, done in two ways. */
interface Pair {
  readonly work: string;
  readonly dialect: Call;
  readonly own: Call;
}

const adminKey = "bench-key-0123456789";
const text = { title: "Gateway down", description: "Cards are declined since ten." };
const happened = { type: "Outage", severity: 3, timestamp: "2023-12-17T10:00:00Z", description: "Nothing answers." };

/** Drives the dialects and the service's own interface in turn, on one service, with the same client. */
export async function benchDialects(options: DialectBenchOptions): Promise<DialectRatio[]> {
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-bench-"));
  pinThread(process.pid, clientCore);
  const service = await startServer(["dist/bundled/main.js", "serve"], {
    PORT: "0",
    DATA_DIR: directory,
    ADMIN_API_KEY: adminKey,
    LOG_FORMAT: "json",
    DIALECTS: "klimbb,tracker,ucar",
    DIALECTS_OPEN: "true",
  });
  try {
    const results: DialectRatio[] = [];
    for (const { work, dialect, own } of await pairs(service.url)) {
      if (options.only !== undefined && !work.includes(options.only)) continue;
      const dialect_per_second: number[] = [];
      const own_per_second: number[] = [];
      for (let round = 0; round <= options.rounds; round += 1) {
        // Who comes first may have to share the machine with what the work before has left to fold.
        const first = round % 2 === 0 ? dialect : own;
        const second = first === own ? dialect : own;
        const one = await drive(service.url, first, options);
        const other = await drive(service.url, second, options);
        const [theirs, ours] = first === dialect ? [one, other] : [other, one];
        // The first round warms both up.
        if (round === 0) continue;
        dialect_per_second.push(theirs);
        own_per_second.push(ours);
      }
      const ratios = dialect_per_second.map((value, index) => value / (own_per_second[index] ?? Number.NaN));
      results.push({ work, dialect_per_second, own_per_second, ratios });
    }
    return results;
  } finally {
    await service.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function pairs(url: string): Promise<Pair[]> {
  const klimbb = await send(url, { method: "POST", path: "/compat/klimbb/incidents/", body: happened });
  await send(url, { method: "POST", path: "/compat/tracker/incidents", body: trackerReport });
  const ucar = await send(url, { method: "POST", path: "/compat/ucar/incidents/", body: ucarReport });
  for (let n = 0; n < 100; n += 1)
    await send(url, { method: "POST", path: "/compat/ucar/incidents/", body: ucarReport });
  const own = (path: string): string => `/incidents/${path}`;
  return [
    {
      work: "klimbb: report",
      dialect: { method: "POST", path: "/compat/klimbb/incidents/", body: happened },
      own: { method: "POST", path: "/incidents", body: happened },
    },
    {
      work: "klimbb: one incident",
      dialect: { method: "GET", path: `/compat/klimbb/incidents/${klimbb.incident_id}/` },
      own: { method: "GET", path: own(String(klimbb.incident_id)) },
    },
    {
      work: "tracker: report",
      dialect: { method: "POST", path: "/compat/tracker/incidents", body: trackerReport },
      own: { method: "POST", path: "/incidents", body: { ...text, reported_by: "jane", severity: 2, team: "tracker" } },
    },
    {
      work: "tracker: status, as it is",
      dialect: { method: "PATCH", path: "/compat/tracker/incidents/1", body: { status: "Open" } },
      own: { method: "PATCH", path: own("2"), body: { status: "pending" } },
    },
    {
      work: "ucar: one incident",
      dialect: { method: "GET", path: `/compat/ucar/incidents/${ucar.id}` },
      own: { method: "GET", path: own("3") },
    },
    {
      work: "ucar: a page of 100",
      dialect: { method: "GET", path: "/compat/ucar/incidents/?limit=100" },
      own: { method: "GET", path: "/incidents?team=ucar&sort=number&limit=100&count=true" },
    },
    {
      work: "ucar: report",
      dialect: { method: "POST", path: "/compat/ucar/incidents/", body: ucarReport },
      own: { method: "POST", path: "/incidents", body: { description: "Offline", source: "monitoring", team: "ucar" } },
    },
  ];
}

const trackerReport = { ...text, reported_by: "jane", severity: "High" };
const ucarReport = { description: "Offline", source: "monitoring" };

async function drive(url: string, { method, path, body }: Call, options: DialectBenchOptions): Promise<number> {
  await send(url, { method: "GET", path: "/incidents?limit=1" });
  const result = await autocannon({
    url: `${url}${path}`,
    method,
    connections: options.connections,
    duration: options.seconds,
    headers: headers(body),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${path}: ${result.errors} requests failed and ${result.non2xx} were not answered with 2xx`);
  }
  return result["2xx"] / result.duration;
}

async function send(url: string, { method, path, body }: Call): Promise<Readonly<Record<string, unknown>>> {
  const answer = await request(`${url}${path}`, {
    method,
    headers: headers(body),
    body: body === undefined ? null : JSON.stringify(body),
  });
  return (await answer.body.json()) as Readonly<Record<string, unknown>>;
}

function headers(body: object | undefined): Record<string, string> {
  const credential = { authorization: `Bearer ${adminKey}` };
  return body === undefined ? credential : { ...credential, "content-type": "application/json" };
}
