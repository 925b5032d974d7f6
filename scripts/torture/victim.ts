import { type ChildProcess, spawn } from "node:child_process";
import { Agent, request } from "undici";
import { cliCommand, withoutOurs } from "../../tests/support/run-cli.ts";
import { patience } from "../../tests/support/time-limit.ts";

/** The compiled service in a process of its own, which is there to be ill-treated. */
export interface Victim {
  readonly address: string;
  readonly pid: number;
  /** The administrator's key. */
  readonly key: string;
  readonly log: () => string;
  /** Whether the process is still there. */
  readonly isAlive: () => boolean;
  readonly ask: Ask;
  /** Sends a signal and waits for the end; returns the exit code (null: the signal killed it). */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** What a victim answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body where it is a JSON object, else an empty one. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Asks a victim something as the administrator; rejects where no whole answer comes. */
export type Ask = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "HEAD",
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Reply>;

/** How a victim is started. */
export interface VictimOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the command behind it in the same process, such as strace's `-D`. */
  readonly under?: readonly string[];
}

const admin_key = "torture-torture-torture";
const start_ms = 30_000 * patience;
/** Whatever is asked, an answer must come within this time. */
const answer_ms = 30_000 * patience;

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Starts a victim without waiting until it listens. */
export function beginVictim(data_dir: string, options: VictimOptions = {}): Beginning {
  const { env = {}, under = [] } = options;
  const serve = ["serve", "--data-dir", data_dir, "--port", "0", "--log-format", "json"];
  const [program = "", ...args] = [...under, process.execPath, ...cliCommand, ...serve];
  const child = spawn(program, args, {
    env: { ...withoutOurs(), ADMIN_API_KEY: admin_key, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  let log = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => alive.delete(child));
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  const listening = new Promise<Victim>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no service listens after ${start_ms} ms:\n${log}`)), start_ms);
    let isListening = false;
    const read = (chunk: Buffer): void => {
      log += chunk.toString();
      if (isListening) return;
      const address = /The service listens on (http:\/\/\S+:\d+)\./.exec(log)?.[1];
      if (address === undefined) return;
      isListening = true;
      clearTimeout(late);
      const isAlive = (): boolean => alive.has(child);
      resolve({ address, pid: child.pid ?? 0, key: admin_key, log: () => log, isAlive, ask: asking(address), end });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`the service ended with ${code} before it listened:\n${log}`));
    });
  });
  // Whoever kills it before it listens does not wait for it.
  listening.catch(() => {});
  return { listening, end, log: () => log };
}

/** A victim that may not listen yet. */
export interface Beginning {
  /** Rejects where it ends before, or listens too late. */
  readonly listening: Promise<Victim>;
  readonly log: () => string;
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Does something to a victim; where that fails, the last that the victim said is in the error. */
export async function withLog<Result>(victim: Victim, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\nThe service said:\n${victim.log().slice(-4000)}`, { cause: error });
  }
}

/** Starts a victim and waits until it listens. */
export function startVictim(data_dir: string, options: VictimOptions = {}): Promise<Victim> {
  return beginVictim(data_dir, options).listening;
}

function asking(address: string): Ask {
  const dispatcher = new Agent({ connections: 256, pipelining: 1 });
  return async (method, path, body, headers = {}) => {
    const response = await request(`${address}${path}`, {
      dispatcher,
      method,
      headers: {
        authorization: `Bearer ${admin_key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: answer_ms,
      bodyTimeout: answer_ms,
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text, json: objectOf(text) };
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
