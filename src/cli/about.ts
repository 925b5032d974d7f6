import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Name and version of this build, from the package.json above this file, compiled or not. */
export function aboutBuild(): { readonly name: string; readonly version: string } {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const above = dirname(directory);
    if (above === directory) throw new Error("The package.json of this program is missing; install it again.");
    directory = above;
  }
  const { name, version }: { name: string; version: string } = JSON.parse(
    readFileSync(join(directory, "package.json"), "utf8"),
  );
  return { name, version };
}
