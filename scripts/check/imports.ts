import { posix } from "node:path";
import ts from "typescript";
import { lineOf, type SourceFile, type SourceTree, walk } from "./source-tree.ts";

/** One file's reference to another, or to a package. */
export interface Import {
  line: number;
  /** As written: "./board.ts", "node:fs", "fastify". */
  specifier: string;
  /** The path of the file referred to, when it is one of the tree. */
  target: string | undefined;
  /** A file named by `new URL("./x.ts", import.meta.url)` or `startWorker(import.meta.url, "x")`: it runs by itself. */
  started: boolean;
}

/** Finds all imports of a file: static, re-exported, dynamic, of types, and the worker files that it starts. */
export function importsOf(file: SourceFile, tree: SourceTree): Import[] {
  const imports: Import[] = [];
  const add = (node: ts.Node, specifier: string, started = false): void => {
    imports.push({ line: lineOf(file, node), specifier, target: resolveImport(file.path, specifier, tree), started });
  };
  walk(file.syntax, (node) => {
    const specifier = specifierOf(node);
    const worker = workerStartedBy(node);
    if (specifier !== undefined) add(node, specifier);
    else if (worker !== undefined) add(node, `./${worker}.ts`, true);
    else if (isUrlOfThisModule(node)) {
      for (const path of pathsNamedIn(node))
        if (resolveImport(file.path, path, tree) !== undefined) add(node, path, true);
    }
  });
  return imports;
}

function specifierOf(node: ts.Node): string | undefined {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) specifier = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    specifier = node.arguments[0];
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

/** The module that `startWorker(import.meta.url, "name", …)` starts. */
function workerStartedBy(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.expression.getText() !== "startWorker") return undefined;
  const [beside, name] = node.arguments;
  if (beside?.getText() !== "import.meta.url" || name === undefined) return undefined;
  return ts.isStringLiteralLike(name) ? name.text : undefined;
}

function isUrlOfThisModule(node: ts.Node): node is ts.NewExpression {
  if (!ts.isNewExpression(node) || node.expression.getText() !== "URL") return false;
  return node.arguments?.[1]?.getText() === "import.meta.url";
}

/** Also `./worker.${extension}` and a choice between two names are understood, since dist/ has .js where src/ has .ts. */
function pathsNamedIn(node: ts.NewExpression): string[] {
  const paths: string[] = [];
  walk(node, (part) => {
    if (ts.isStringLiteralLike(part)) paths.push(part.text);
    else if (ts.isTemplateExpression(part)) paths.push(`${part.head.text.replace(/\.$/, "")}.ts`);
  });
  return paths;
}

function resolveImport(from: string, specifier: string, tree: SourceTree): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  return [path, path.replace(/\.js$/, ".ts")].find((candidate) => tree.sources.has(candidate));
}
