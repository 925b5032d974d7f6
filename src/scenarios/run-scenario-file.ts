import { readFile } from "node:fs/promises";
import { nameOfScenario, parseScenario } from "./parse-scenario.ts";
import { runScenario } from "./run-scenario.ts";
import { documentsOf, type ScenarioDocument } from "./scenario-document.ts";
import { ScenarioFault } from "./scenario-fault.ts";

/** What became of one scenario of a file. */
export interface ScenarioResult {
  /** The path as it was given. */
  readonly file: string;
  /** The line where the scenario starts, or where it fails. */
  readonly line: number;
  /** The scenario's sentence; the path where it has none. */
  readonly name: string;
  readonly passed: boolean;
  /** Null where it passed; else what is wrong, readable, in several lines, the first naming file and line. */
  readonly failure: string | null;
}

/**
 * Runs every scenario of a file (one per YAML document) on a board of its own. What is wrong in a scenario, its
 * spelling included, is a result like any other; rejects only where the file cannot be read.
 */
export async function runScenarioFile(path: string): Promise<ScenarioResult[]> {
  return runScenarioText(await readFile(path, "utf8"), path);
}

/** Runs the scenarios of a text; `file` is named in the results. */
export function runScenarioText(text: string, file: string): ScenarioResult[] {
  const documents = documentsOf(text);
  if (documents.length === 0) return [failed(file, 1, file, "The file holds no scenario.")];
  return documents.map((document) => runDocument(document, file));
}

function runDocument(document: ScenarioDocument, file: string): ScenarioResult {
  const name = nameOfScenario(document) ?? file;
  try {
    const failure = runScenario(parseScenario(document));
    if (failure !== null) return failed(file, failure.line, name, failure.text);
    return { file, line: document.firstLine, name, passed: true, failure: null };
  } catch (error) {
    if (error instanceof ScenarioFault) return failed(file, error.line, name, error.message);
    // Rules must never throw; where they do, the scenario that shows it says so and the others still run.
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return failed(file, document.firstLine, name, `The rules broke down: ${trace}`);
  }
}

function failed(file: string, line: number, name: string, text: string): ScenarioResult {
  return { file, line, name, passed: false, failure: `${file}:${line}\n${text}` };
}
