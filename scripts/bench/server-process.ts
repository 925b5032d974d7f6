import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** The core of the client, and that of the thread that answers; a server's other threads run where there is room. */
export const clientCore = 1;
const serverCore = 0;

/** Puts a process's main thread on a core. Says whether it could. */
export function pinThread(pid: number, core: number): boolean {
  return spawnSync("taskset", ["-cp", String(core), String(pid)]).status === 0;
}

/** Starts a Node program and waits for the first address that it prints. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await firstAddress(child);
  if (child.pid !== undefined) pinThread(child.pid, serverCore);
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it listened`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /https?:\/\/[\w.:[\]]*:\d+/.exec(line)?.[0];
      if (address !== undefined) resolve(address);
    });
  });
}
