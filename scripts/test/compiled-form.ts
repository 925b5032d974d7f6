import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where everything of tests/ and scripts/ lies in its compiled form. */
export const folder = join(root, ".compiled-tests");

/** The compiled form of a file of tests/ or scripts/; a path that is not absolute leads from the root of the checkout. */
export function compiledForm(file: string): string {
  return join(folder, relative(root, resolve(root, file)).replace(/\.ts$/, ".js"));
}

/** The form of a test file in which it is joined with what it imports. */
export function bundledForm(file: string): string {
  return compiledForm(join("bundled", relative(root, resolve(root, file))));
}
