import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type OutputFile } from "esbuild";
import { bundling, leftOut } from "../bundle.mjs";
import { bundledForm, compiledForm, root } from "./compiled-form.ts";

/** What the tests alone need is loaded as it is: much of it has files beside its scripts, and few of them need any of it. */
const { devDependencies }: { devDependencies: object } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** Works with the parts of another package, of which there must be only one. */
const partOfAnother = ["ajv-formats"];
const external = [...leftOut, ...Object.keys(devDependencies).filter((name) => !partOfAnother.includes(name))];

/** Where the service is when it runs, so that it finds its threads and pages beside it. */
const place = pathToFileURL(join(root, "dist", "bundled", "main.js")).href;

/**
 * Joins compiled test files, the program that runs them, and all that they import into a few files: each process that runs tests
 * would otherwise load a thousand small ones. Whatever several of them import is there once.
 */
export async function bundleTests(files: readonly string[]): Promise<readonly OutputFile[]> {
  const programs = [...files, join("scripts", "test", "run-files.ts")].map(compiledForm);
  const { outputFiles } = await build({
    ...bundling,
    entryPoints: programs,
    outbase: compiledForm("."),
    outdir: bundledForm("."),
    external,
    define: { "import.meta.url": "placeOfService" },
    banner: {
      js: `import { createRequire as createRequireHere } from "node:module"; const placeOfService = ${JSON.stringify(place)}, require = createRequireHere(placeOfService), resolveHere = require.resolve;`,
    },
    write: false,
    logLevel: "silent",
  });
  return outputFiles;
}
