import { importsOf } from "./imports.ts";
import type { Check, SourceTree } from "./source-tree.ts";

const entryPoint = "src/cli/main.ts";

/** Files that the product has for tests and for what is built on it, each with its reason. */
const alsoReachable = new Map([
  ["src/ledger/memory/memory-ledger.ts", "an adapter of the ledger's port, for tests and trials"],
]);

/** Folders under tests/ whose files need not be tests themselves. */
const testFolders = ["support", "scenarios", "fixtures", "simulation"];

const isProduct = (path: string): boolean => /^(events|projections|src)\//.test(path);
const isTest = (path: string): boolean => path.startsWith("tests/") && path.endsWith(".test.ts");
const isCommand = (path: string): boolean => /^scripts\/[^/]+$/.test(path);

/** Objects to files that nothing reaches: in the product from its entry point, elsewhere from a test or a script. */
export const checkDeadFiles: Check = (tree) => {
  const paths = [...tree.sources.keys()];
  if (!paths.includes(entryPoint)) {
    return [
      {
        file: entryPoint,
        line: 1,
        message: "the entry point is missing; write it, or name the new one in scripts/check/dead-files.ts.",
      },
    ];
  }
  const product = reachable(tree, [entryPoint, ...alsoReachable.keys()]);
  const everything = reachable(tree, [entryPoint, ...paths.filter((path) => isTest(path) || isCommand(path))]);
  const findings = [];
  for (const file of paths) {
    if (isProduct(file) && !product.has(file)) {
      const message = `${entryPoint} does not lead to this file. Import it where it is needed, or delete it.`;
      findings.push({ file, line: 1, message });
    } else if (!isProduct(file) && !everything.has(file)) {
      findings.push({ file, line: 1, message: "no test and no script imports this file. Use it, or delete it." });
    }
    if (file.startsWith("tests/") && !isTest(file) && !file.split("/").some((part) => testFolders.includes(part))) {
      const message = `is not a test; name it *.test.ts, or move it into one of tests/{${testFolders.join(",")}}.`;
      findings.push({ file, line: 1, message });
    }
  }
  return findings;
};

function reachable(tree: SourceTree, from: readonly string[]): Set<string> {
  const found = new Set(from);
  // A set that grows while it is walked hands out the new members too.
  for (const path of found) {
    const file = tree.sources.get(path);
    if (file === undefined) continue;
    for (const { target } of importsOf(file, tree)) if (target !== undefined) found.add(target);
  }
  return found;
}
