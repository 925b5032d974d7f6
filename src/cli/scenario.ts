import type { Command } from "commander";
import { runScenarioFile, type ScenarioResult } from "../scenarios/run-scenario-file.ts";
import type { ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";
import { scenarioFiles } from "./scenario-files.ts";

/** Adds the verb `scenario`. */
export function addScenario(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("scenario")
    .description("Runs scenario files and shows how what happened differs from what is expected. It needs no ledger.")
    .argument("<file...>", "scenario files, directories of them, or patterns such as 'tests/scenarios/**/*.yaml'")
    .addOption(jsonOption())
    .action(async (named: string[], flags: { readonly json?: true }) => {
      const results = await runAll(scenarioFiles(named));
      if (flags.json === true) printJson(documentOf(results));
      else printLines(linesOf(results));
      end(results.every((result) => result.passed) ? 0 : 1);
    });
}

async function runAll(files: readonly string[]): Promise<ScenarioResult[]> {
  const progress = progressBar("running");
  const results: ScenarioResult[] = [];
  try {
    for (const [index, file] of files.entries()) {
      results.push(...(await runScenarioFile(file)));
      progress.show(index + 1, files.length);
    }
  } finally {
    progress.end();
  }
  return results;
}

function documentOf(results: readonly ScenarioResult[]) {
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed, scenarios: results };
}

function* linesOf(results: readonly ScenarioResult[]): Generator<string> {
  for (const { name, failure } of results) {
    if (failure === null) continue;
    yield `FAILED  ${name}`;
    yield failure;
    yield "";
  }
  const { passed, failed } = documentOf(results);
  yield `${passed} scenarios as expected, ${failed} not`;
}
