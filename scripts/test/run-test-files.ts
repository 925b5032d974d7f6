import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestResult } from "../../tests/support/test-result.ts";
import { bundledForm, compiledForm } from "./compiled-form.ts";
import { splitAtEnd } from "./end-of-file.ts";

/** What became of one test file. */
export interface FileOutcome extends TestResult {
  file: string;
  duration_ms: number;
  /** Everything that the process wrote to its standard output, then to its standard error, while it ran this file. */
  output: string;
  /** Why the file as a whole failed (crashed, ran no test, took too long), in a sentence. */
  trouble: string | undefined;
}

/** Of a file that writes without end, so much is kept. */
const output_characters = 4 * 1024 * 1024;

/** How a process that runs test files is started. */
export interface Way {
  /** What Node is told before the names of the files: its flags and the program. */
  readonly command: readonly string[];
  /** What of a test file is run: itself, or what was compiled from it. */
  readonly formOf: (file: string) => string;
}

const program = fileURLToPath(new URL("./run-files.ts", import.meta.url));

/** Runs JavaScript as it is. */
export const asWritten: Way = {
  command: [compiledForm(program)],
  formOf: (file) => file,
};

/** Runs what `compileTests` compiled. */
export const compiled = wayOf(compiledForm);
/** Runs what `compileTests` bundled. */
export const bundled = wayOf(bundledForm);

/** Tests make much that is dropped at once: with the room that the service has for it, a tenth less of the time goes into collecting it. */
function wayOf(formOf: Way["formOf"]): Way {
  const flags = ["--enable-source-maps", "--max-semi-space-size=64"];
  return { command: [...flags, formOf(program)], formOf };
}

const running = new Set<number>();

/** Ends every test process of this run and all that they started; for when the run itself is interrupted. */
export function endAllTestProcesses(): void {
  for (const group of running) endGroup(group);
}

/**
 * Runs test files one after another in a process of their own, and reports each as soon as it is done. The process leads a
 * group, so that whatever the tests started ends with it: at the time limit of a file, and also when all are done and have left
 * something behind. Returns the files that were not begun, because one before them ended the process.
 */
export async function runTestFiles(
  files: readonly string[],
  way: Way,
  limit_ms: number,
  report: (outcome: FileOutcome) => void,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [...way.command, ...files.map(way.formOf)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const group = child.pid;
  if (group !== undefined) running.add(group);

  const done: FileOutcome[] = [];
  const written = { out: "", error: "" };
  let began_ms = performance.now();
  let timedOut = false;
  const limit = (): NodeJS.Timeout =>
    setTimeout(() => {
      timedOut = true;
      endGroup(group);
    }, limit_ms);
  let timer = limit();

  const finish = (result: TestResult, output: string, trouble: string | undefined): FileOutcome => {
    if (trouble !== undefined) result.failed += 1;
    const now_ms = performance.now();
    const outcome = { ...result, file: files[done.length] ?? "", duration_ms: now_ms - began_ms, output, trouble };
    began_ms = now_ms;
    done.push(outcome);
    return outcome;
  };
  /** The outcome of the last file is held back until the process has ended, which it may do with a failure. */
  const settle = (): void => {
    const [out, error] = [splitAtEnd(written.out), splitAtEnd(written.error)];
    if (out === null || error === null) return;
    written.out = out.after;
    written.error = error.after;
    clearTimeout(timer);
    timer = limit();
    const result: TestResult = JSON.parse(out.told);
    const outcome = finish(result, out.before + error.before, troubleOf(result));
    if (done.length < files.length) report(outcome);
    settle();
  };
  const keep = (stream: keyof typeof written) => (chunk: string) => {
    written[stream] += chunk;
    settle();
    if (written[stream].length > output_characters) written[stream] = written[stream].slice(-output_characters);
  };
  child.stdout.setEncoding("utf8").on("data", keep("out"));
  child.stderr.setEncoding("utf8").on("data", keep("error"));

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

  const rest = written.out + written.error;
  if (done.length < files.length) {
    const why = timedOut
      ? `took longer than the ${limit_ms} ms a test file may take, and was ended`
      : `ended before its tests were done (${ending})`;
    report(finish({ passed: 0, failed: 0, skipped: 0, skips: [] }, rest, why));
    return files.slice(done.length);
  }
  const last = done.at(-1);
  if (last === undefined) return [];
  if (ending !== "exit code 0" && last.failed === 0) {
    last.failed += 1;
    last.trouble = `passed its tests and then failed (${ending})`;
    last.output += rest;
  }
  report(last);
  return [];
}

function troubleOf({ passed, failed, skipped }: TestResult): string | undefined {
  return passed + failed + skipped === 0 ? "ran no test: it has no suite" : undefined;
}

function endGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}
