import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { produced } from "./produced/produced.ts";
import { cliCommand, withoutOurs } from "./run-cli.ts";

/** A service in a process of its own. */
export interface RunningService {
  readonly address: string;
  readonly pid: number;
  /** Everything it logged so far. */
  readonly log: () => string;
  /** Sends a signal and waits for the end; returns the exit code (null: the signal killed it). */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
  /** Asks it something as the administrator. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Answer }>;
}

/** What the tests look at in an answer. */
export interface Answer {
  readonly number: number;
  readonly version: number;
  readonly status: string;
  readonly assigned_to: string | null;
  readonly position: number;
  readonly hash: string;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A service that may not listen yet. */
export interface StartingService extends Pick<RunningService, "pid" | "log" | "end"> {
  /** Where it listens, as soon as it does; rejects where it ends before. */
  readonly address: Promise<string>;
}

/** Starts a service on a data directory and a free port. */
export function beginService(data_dir: string, ...flags: readonly string[]): StartingService {
  const args = [...cliCommand, "serve", "--data-dir", data_dir, "--port", "0", "--log-format", "json", ...flags];
  const child = spawn(process.execPath, args, { env: withoutOurs(), stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let log = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  void ended.then(() => {
    running.delete(child);
    produced(log, "the service's log");
  });
  const address = new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      log += chunk.toString();
      const found = /The service listens on (http:\/\/\S+:\d+)\./.exec(log);
      if (found?.[1] !== undefined) resolve(found[1]);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    void ended.then((code) => reject(new Error(`the service ended with ${code}:\n${log}`)));
  });
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  // Whoever does not wait for the address does not want to hear either that there will be none.
  address.catch(() => {});
  return { address, pid: child.pid ?? 0, log: () => log, end };
}

/** Starts a service on a data directory and a free port, and waits until it listens. */
export async function startService(data_dir: string, ...flags: readonly string[]): Promise<RunningService> {
  const { address: listening, pid, log, end } = beginService(data_dir, ...flags);
  const address = await listening;
  const ask = async (method: string, path: string, body?: unknown) => {
    const key_file = join(data_dir, "admin.key");
    const key = existsSync(key_file) ? readFileSync(key_file, "utf8").trim() : "";
    return request(`${address}${path}`, method, key, body);
  };
  return { address, pid, log, end, ask };
}

/** One request with a key. */
export async function request(url: string, method: string, key: string, body?: unknown) {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Answer };
}
