import { importsOf } from "./imports.ts";
import type { Check, Finding, SourceTree } from "./source-tree.ts";

/** Objects to files that import each other in a circle; imports of types count as well. Each circle is named once. */
export const checkImportCycles: Check = (tree) => {
  const findings: Finding[] = [];
  const graph = importGraph(tree);
  const done = new Set<string>();
  const path: string[] = [];

  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const circle = [...path.slice(at), file];
      const line = graph.get(path.at(-1) ?? file)?.get(file) ?? 1;
      const message = `imports in a circle: ${circle.join(" → ")}. Move what both need into a file of its own.`;
      findings.push({ file: path.at(-1) ?? file, line, message });
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file)?.keys() ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return findings;
};

/** For each file the files it imports, with the line of the first such import. */
function importGraph(tree: SourceTree): Map<string, Map<string, number>> {
  const graph = new Map<string, Map<string, number>>();
  for (const file of tree.sources.values()) {
    const targets = new Map<string, number>();
    for (const { target, line, started } of importsOf(file, tree)) {
      if (target !== undefined && !started && !targets.has(target)) targets.set(target, line);
    }
    graph.set(file.path, targets);
  }
  return graph;
}
