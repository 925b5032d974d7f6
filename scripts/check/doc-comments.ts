import ts from "typescript";
import { type Check, type Finding, lineOf, type SourceFile } from "./source-tree.ts";

/** Objects to anything exported from events/, projections/ or src/ that has no doc comment. */
export const checkDocComments: Check = (tree) => {
  const findings: Finding[] = [];
  for (const file of tree.sources.values()) {
    if (!/^(events|projections|src)\//.test(file.path)) continue;
    const documented = new Set<string>();
    const missing = new Map<string, ts.Node>();
    for (const statement of file.syntax.statements) {
      for (const name of exportedNames(statement)) {
        if (hasDocComment(file, statement)) documented.add(name);
        else if (!missing.has(name)) missing.set(name, statement);
      }
    }
    // A schema and the type inferred from it share a name, and one comment is enough; so it is for overloads.
    for (const [name, node] of missing) {
      if (documented.has(name)) continue;
      const message = `${name} is exported without a doc comment; write one that says what it means, its units and what it refuses.`;
      findings.push({ file: file.path, line: lineOf(file, node), message });
    }
  }
  return findings;
};

function exportedNames(node: ts.Statement): string[] {
  const isExported =
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!isExported) return [];
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  const isNamed =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return isNamed ? [node.name?.text ?? "The default"] : [];
}

function hasDocComment(file: SourceFile, node: ts.Node): boolean {
  const comments = ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? [];
  return comments.some(({ pos, end }) => /^\/\*\*[\s*]*[^\s*/]/.test(file.text.slice(pos, end)));
}
