import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Mutant } from "./mutant.ts";

const copied = ["events", "projections", "src", "tests", "package.json", "tsconfig.json"];

/** What a test said of a tree. */
export interface Verdict {
  readonly passed: boolean;
  /** The line that says what did not hold; empty where all did. */
  readonly complaint: string;
}

/** A copy of the sources in a temporary folder, in which one mutant at a time is planted. */
export class PlantedTree {
  readonly #root: string;

  constructor() {
    this.#root = mkdtempSync(join(tmpdir(), "incident-ledger-mutants-"));
    for (const name of copied) cpSync(name, join(this.#root, name), { recursive: true });
    symlinkSync(resolve("node_modules"), join(this.#root, "node_modules"));
  }

  /** Plants a mutant; returns the way to take it out again. Throws where its text is not there exactly once. */
  plant({ file, find, replace }: Mutant): () => void {
    const path = join(this.#root, file);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} holds the text ${times} times instead of once: ${find.trim()}`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
    return () => writeFileSync(path, text);
  }

  /** Runs a test file of the tree in a process of its own. One that does not end in time has failed. */
  run(test_file: string, environment: Readonly<Record<string, string>>, limit_ms: number): Promise<Verdict> {
    return new Promise((done) => {
      const child = spawn(process.execPath, ["--import", "tsx", test_file], {
        cwd: this.#root,
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      child.stdout.on("data", (chunk) => (output += chunk));
      child.stderr.on("data", (chunk) => (output += chunk));
      const timer = setTimeout(() => child.kill("SIGKILL"), limit_ms);
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        const complaint = signal === null ? complaintIn(output) : "it did not come to an end";
        done({ passed: code === 0, complaint: code === 0 ? "" : complaint });
      });
    });
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** The failure in a test's output: what follows the seed, else the first line that sounds like one. */
function complaintIn(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const seeded = lines.find((line) => /^"?seed \d+: /.test(line));
  const found = seeded?.replace(/^"?seed \d+: /, "") ?? lines.find((line) => /FAIL|Error|Expected/.test(line));
  return (found ?? "it failed").slice(0, 160);
}
