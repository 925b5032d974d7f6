import ts from "typescript";
import { type Check, type Finding, lineOf } from "./source-tree.ts";

/** Objects to barrels (files that only pass on what others export), `export *` and default exports. */
export const checkExports: Check = (tree) => {
  const findings: Finding[] = [];
  for (const file of tree.sources.values()) {
    const { statements } = file.syntax;
    const add = (node: ts.Node, message: string): void =>
      void findings.push({ file: file.path, line: lineOf(file, node), message });
    const passesOn = (node: ts.Statement): node is ts.ExportDeclaration =>
      ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;
    const first = statements[0];
    if (first !== undefined && statements.every(passesOn)) {
      add(first, "is a barrel; delete it, and let its users import the files themselves.");
      continue;
    }
    for (const node of statements) {
      if (passesOn(node) && node.exportClause === undefined)
        add(node, "`export *` hides what is exported; import the file where it is used.");
      if (isDefaultExport(node))
        add(node, "exports a default; give it a name, so that it is called the same everywhere.");
    }
  }
  return findings;
};

function isDefaultExport(node: ts.Statement): boolean {
  if (ts.isExportAssignment(node)) return true;
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}
