import { existsSync, readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { CannotRun } from "./outcome.ts";

const ending = /\.ya?ml$/;

/**
 * The scenario files that are meant: files as they are, every .yaml and .yml file below a directory, and what a pattern
 * with `*`, `**` or `?` matches, for shells that leave patterns to the program. Refuses what names no file.
 */
export function scenarioFiles(named: readonly string[]): string[] {
  const files = new Set<string>();
  for (const name of named) {
    const found = filesOf(name);
    if (found.length === 0) throw new CannotRun(`There is no scenario file at ${name}.`);
    for (const file of found) files.add(file);
  }
  return [...files];
}

function filesOf(name: string): string[] {
  if (existsSync(name)) return statSync(name).isDirectory() ? below(name).filter((file) => ending.test(file)) : [name];
  if (!/[*?]/.test(name)) return [];
  const fixed = name.slice(0, name.search(/[*?]/));
  const root = fixed.includes("/") ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : "";
  const directory = root === "" ? "." : root;
  if (!existsSync(directory)) return [];
  const matches = patternOf(name.slice(root.length));
  const relative = (file: string): string =>
    file
      .slice(join(directory, "x").length - 1)
      .split(sep)
      .join("/");
  return below(directory).filter((file) => matches.test(relative(file)));
}

function below(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function patternOf(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\*|\?|[^*?]/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.replace(/[\\^$.|+()[\]{}]/, "\\$&");
  });
  return new RegExp(`^${source}$`);
}
