import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resultFileVariable, type TestResult } from "../../tests/support/test-result.ts";

/** What became of one test file. */
export interface FileOutcome extends TestResult {
  file: string;
  duration_ms: number;
  /** Everything the process wrote to its standard output and error. */
  output: string;
  /** Why the file as a whole failed (crashed, ran no test, took too long), in a sentence. */
  trouble: string | undefined;
}

/** Of a file that writes without end, so much is kept. */
const outputLimit_bytes = 4 * 1024 * 1024;

// The test files may lie where tsx is not installed, so it is named by where this script finds it.
const tsx = import.meta.resolve("tsx");

const running = new Set<number>();

/** Ends every test process of this run and all that they started; for when the run itself is interrupted. */
export function endAllTestProcesses(): void {
  for (const group of running) endGroup(group);
}

/**
 * Runs one test file in a process of its own. The process leads a group of its own, so that whatever the tests
 * started ends with it: at the time limit, and also when the file is done and has left something behind.
 */
export async function runTestFile(file: string, limit_ms: number): Promise<FileOutcome> {
  const resultFile = join(tmpdir(), `test-result-${randomUUID()}.json`);
  const began_ms = performance.now();
  const child = spawn(process.execPath, ["--import", tsx, file], {
    detached: true,
    env: { ...process.env, [resultFileVariable]: resultFile },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const group = child.pid;
  if (group !== undefined) running.add(group);

  const chunks: Buffer[] = [];
  let kept_bytes = 0;
  const keep = (chunk: Buffer): void => {
    if (kept_bytes < outputLimit_bytes) chunks.push(chunk);
    kept_bytes += chunk.length;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);

  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(group);
  }, limit_ms);
  const ending = await new Promise<string>((resolve) => {
    let last = "";
    child.on("error", (error) => resolve(`could not be started: ${error.message}`));
    child.on("exit", (code, signal) => {
      last = signal === null ? `exit code ${code}` : `signal ${signal}`;
      endGroup(group);
    });
    child.on("close", () => resolve(last));
  });
  clearTimeout(timer);
  if (group !== undefined) running.delete(group);

  const result = readResult(resultFile);
  const counts = result ?? { passed: 0, failed: 0, skipped: 0, skips: [] };
  const trouble = findTrouble(result, ending, timedOut ? limit_ms : undefined);
  if (trouble !== undefined) counts.failed += 1;
  const output = Buffer.concat(chunks).toString("utf8");
  return { ...counts, file, duration_ms: performance.now() - began_ms, output, trouble };
}

function findTrouble(result: TestResult | undefined, ending: string, limit_ms: number | undefined): string | undefined {
  if (limit_ms !== undefined) return `took longer than the ${limit_ms} ms a test file may take, and was ended`;
  if (result === undefined) {
    return ending === "exit code 0" ? "ran no test: it has no suite" : `ended before its tests were done (${ending})`;
  }
  if (result.passed + result.failed + result.skipped === 0) return "ran no test";
  if (result.failed === 0 && ending !== "exit code 0") return `passed its tests and then failed (${ending})`;
  return undefined;
}

function readResult(path: string): TestResult | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8");
  rmSync(path);
  // A process that was killed while it wrote leaves half a result, which is none.
  return text.endsWith("}") ? JSON.parse(text) : undefined;
}

function endGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}
