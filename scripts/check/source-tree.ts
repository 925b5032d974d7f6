import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Something a check objects to: where, what is wrong, and what to do about it. */
export interface Finding {
  file: string;
  line: number;
  message: string;
}

/** One check: looks at the whole tree and says what it objects to. */
export type Check = (tree: SourceTree) => Finding[];

/** One source file, parsed but not type-checked. */
export interface SourceFile {
  /** From the root of the checkout, with forward slashes. */
  path: string;
  text: string;
  syntax: ts.SourceFile;
}

/** Everything of the checkout that the checks look at. */
export interface SourceTree {
  /** The TypeScript and JavaScript files of our five folders, by path. */
  sources: ReadonlyMap<string, SourceFile>;
  /** All other text files that people write: documents, scenarios, settings. */
  texts: ReadonlyMap<string, string>;
  /** The names of all that stands at the top of the checkout; folders end in a slash. */
  topLevel: readonly string[];
}

const sourceFolders = ["events", "projections", "src", "tests", "scripts"];
const textFolders = [...sourceFolders, ".ci"];
const isSource = (path: string): boolean => /\.(ts|mjs|js)$/.test(path);
const isText = (path: string): boolean => /(\.(md|ya?ml|json|sql|html|css|sh)|^\.ci\/[^.]+)$/.test(path);

/** Reads and parses a checkout, without looking at what is installed or built. */
export function readSourceTree(root: string): SourceTree {
  const sources = new Map<string, SourceFile>();
  const texts = new Map<string, string>();
  const entries = readdirSync(root, { withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name !== "package-lock.json")
    .map((entry) => entry.name);
  for (const folder of textFolders) paths.push(...filesBelow(root, folder));
  for (const path of paths.sort()) {
    if (isSource(path) && path.includes("/"))
      sources.set(path, parseSource(path, readFileSync(join(root, path), "utf8")));
    else if (isText(path) || !path.includes("/")) texts.set(path, readFileSync(join(root, path), "utf8"));
  }
  return {
    sources,
    texts,
    topLevel: entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort(),
  };
}

function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/").replace(/^\//, ""));
}

function parseSource(path: string, text: string): SourceFile {
  return { path, text, syntax: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
}

/** The line on which a piece of syntax begins, counted from 1. */
export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1;
}

/** Calls `visit` for the node and everything inside it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
