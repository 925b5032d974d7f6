import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { runFile } from "../../tests/support/run-suites.ts";
import { endLine, resultLine } from "./end-of-file.ts";

/**
 * Runs the test files that the command line names, one after another in this process, and tells after each what became of it.
 * What a file leaves open does not keep the process alive.
 */
for (const file of process.argv.slice(2)) {
  const result = await runFile(pathToFileURL(realpathSync(file)).href);
  process.stderr.write(endLine);
  process.stdout.write(resultLine(result));
}
process.exit();
