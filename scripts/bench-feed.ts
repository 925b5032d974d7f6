import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { clientCore, pinThread, startServer } from "./bench/server-process.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";

/**
 * The live feed under load: many clients of GET /events/stream, a steady rate of events, every client checking that it gets
 * every event in order. Prints how long after an event's desk time it arrived, commit and fsync included.
 * `npm run bench:feed -- [--clients 1000] [--rate 100] [--seconds 15] [--json]`
 */
const values = readOptions(import.meta.url, {
  clients: { type: "string", default: "1000" },
  rate: { type: "string", default: "100" },
  seconds: { type: "string", default: "15" },
  json: { type: "boolean", default: false },
});
const options = {
  clients: wholeNumber("clients", values.clients, 1),
  rate: wholeNumber("rate", values.rate, 1),
  seconds: wholeNumber("seconds", values.seconds, 1),
  json: values.json,
};
const adminKey = "bench-key-0123456789";
const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
/** The first report and what the rules decide of it; one more is a comment, which is one event. */
const report = JSON.stringify({ title: "Complete system failure", severity: 1 });
const comment = JSON.stringify({ text: "It still does not answer; the second line is on it." });

const directory = mkdtempSync(join(tmpdir(), "incident-ledger-bench-feed-"));
const service = await startServer(["dist/bundled/main.js", "serve"], {
  PORT: "0",
  DATA_DIR: directory,
  ADMIN_API_KEY: adminKey,
  LOG_FORMAT: "json",
});
try {
  const http = new Pool(service.url, { connections: 16 });
  await post(http, "/incidents", report);
  const followers = startFollowers(service.url);
  await followers.ready;
  const begun_ms = performance.now();
  const late: Promise<void>[] = [];
  for (let sent = 0; sent < options.rate * options.seconds; sent += 1) {
    const due_ms = begun_ms + (1000 * sent) / options.rate;
    const wait_ms = due_ms - performance.now();
    if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms));
    late.push(post(http, "/incidents/1/comments", comment));
  }
  await Promise.all(late);
  const took_s = (performance.now() - begun_ms) / 1000;
  const head = await http.request({ method: "GET", path: "/ledger/head", headers });
  const { position } = (await head.body.json()) as { position: number };
  const seen = await followers.stop(position);
  await http.close();
  const result = {
    what: "clients of the live feed, each getting every event in order; lag from desk time to arrival",
    machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version },
    rate_per_second: Math.round((10 * options.rate * options.seconds) / took_s) / 10,
    seconds: Math.round(took_s),
    ...seen,
  };
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const [name, value] of Object.entries(result))
      process.stdout.write(`${name.padEnd(16)} ${JSON.stringify(value)}\n`);
} finally {
  await service.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function post(http: Pool, path: string, body: string): Promise<void> {
  const answer = await http.request({ method: "POST", path, headers, body });
  if (answer.statusCode !== 201) throw new Error(`${path} was answered with ${answer.statusCode}`);
  await answer.body.dump();
}

/** Runs the clients on the core that is not the service's. */
function startFollowers(url: string) {
  const program = fileURLToPath(new URL("./bench/feed-clients.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, url, adminKey, String(options.clients)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.pid !== undefined) pinThread(child.pid, clientCore);
  const lines = createInterface({ input: child.stdout });
  const gone = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the clients ended with ${code}`)));
  });
  gone.catch(() => {});
  const nextLine = () => Promise.race([gone, new Promise<string>((resolve) => lines.once("line", resolve))]);
  return {
    ready: nextLine(),
    stop: async (position: number): Promise<Readonly<Record<string, number>>> => {
      const told = nextLine();
      child.stdin.write(`stop ${position}\n`);
      return JSON.parse(await told);
    },
  };
}
