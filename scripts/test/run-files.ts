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
  await written(process.stderr, endLine);
  await written(process.stdout, resultLine(result));
}
process.exit();

/** Resolves when all that was written is on its way: where whoever reads is slow, ending the process would lose the rest. */
function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}
