import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { produced, producesIn } from "./produced/produced.ts";
import type { SecretKind } from "./produced/secrets.ts";

/** The only verbs that create secrets, and which. */
const creating = new Map<string, readonly SecretKind[]>([
  ["key create", ["key"]],
  ["user add", ["link"]],
  ["user invite", ["link"]],
]);

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The command line as users run it: compiled and bundled. The test runner compiles first what has changed. */
export const cliCommand = [join(root, "dist/bundled/main.js")];

/** How a verb ended, and what it printed. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a verb in a process of its own and waits for its end. */
export function runCli(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [...cliCommand, ...args], {
    cwd: root,
    env: { ...withoutOurs(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const verb = args.slice(0, 2).join(" ");
      produced(stdout, `what ${verb} prints`, creating.get(verb));
      produced(stderr, `what ${verb} says`);
      resolve({ code, stdout, stderr });
    });
  });
}

/** The environment, without what would configure the service. */
export function withoutOurs(): NodeJS.ProcessEnv {
  const ours =
    /^(HOST|PORT|DATA_DIR|HANDLERS|ADMIN_API_KEY|AUTH|DIALECTS|DIALECTS_OPEN|DRAIN_SECONDS|PUBLIC_URL|CORS_ORIGINS|TRUSTED_PROXIES|RATE_LIMIT|RATE_LIMIT_UNAUTHENTICATED|LOG_LEVEL|LOG_FORMAT)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

const made: string[] = [];

/** A new directory, gone when the process ends; with a copy of another in it, if one is named. */
export function freshDirectory(copied?: string): string {
  if (made.length === 0) process.once("exit", removeAll);
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-cli-"));
  made.push(directory);
  producesIn(directory);
  if (copied !== undefined) cpSync(copied, directory, { recursive: true });
  return directory;
}

function removeAll(): void {
  for (const directory of made) if (existsSync(directory)) rmSync(directory, { recursive: true, force: true });
}
