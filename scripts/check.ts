/**
 * Checks the house rules that the compiler and the linter do not know: `npm run check`, or with the root of another
 * checkout as its argument. Each thing it objects to is one line, `file:line: what is wrong and what to do`; the exit
 * code is 1 when there is any. Each check is one file in scripts/check/ and says there what it objects to.
 */
import { allChecks } from "./check/all-checks.ts";
import { readSourceTree } from "./check/source-tree.ts";

const tree = readSourceTree(process.argv[2] ?? process.cwd());
const findings = allChecks.flatMap((check) => check(tree));
for (const { file, line, message } of findings) console.log(`${file}:${line}: ${message}`);
const count = tree.sources.size;
if (findings.length === 0) console.log(`The house rules hold in all ${count} source files.`);
else console.log(`\n${findings.length} places break the house rules (${count} source files looked at).`);
process.exitCode = findings.length > 0 ? 1 : 0;
