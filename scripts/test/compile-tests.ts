import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildFailure, build, type Message, type OutputFile, type Plugin, stop } from "esbuild";
import { bundleTests } from "./bundle-tests.ts";
import { compiledForm, folder, root } from "./compiled-form.ts";

/** What the service consists of is compiled into dist/ already; the tests run that. */
const ofTheService = /^(?:events|projections|src)[\\/]/;

/** What became of the tests. */
export interface CompiledTests {
  /** The files that cannot be compiled, each with what is wrong with it. */
  readonly broken: ReadonlyMap<string, string>;
  /** Why they are not bundled; null: they are. */
  readonly unbundled: string | null;
}

/**
 * Compiles tests/ and scripts/, file by file, so that no test process has to: tsx takes three times as long to load the service
 * as Node does. Where that can be done with all of them, the test files are bundled too, which loads three times as fast again.
 */
export async function compileTests(): Promise<CompiledTests> {
  const files = ["tests", "scripts"].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(root, name, path)),
  );
  const broken = new Map<string, string>();
  let outputFiles = await compiledFrom(files, broken);
  if (outputFiles === null)
    outputFiles = await compiledFrom(
      files.filter((file) => !broken.has(named(file))),
      broken,
    );
  const made = new Map((outputFiles ?? []).map(({ path, text }) => [path, text]));
  made.set(join(folder, "package.json"), '{ "type": "module" }\n');
  for (const [path, text] of made) replace(path, text);
  const unbundled = broken.size > 0 ? "some file is broken." : await addBundles(files, made);
  // The tests need the memory more than a compiler that waits for more to do.
  await stop();
  // What was compiled from a file that is gone must not be found any more.
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (/\.(?:js|map)$/.test(path) && !made.has(path)) rmSync(path, { force: true });
  }
  return { broken, unbundled };
}

/**
 * Bundles the test files among these. Gives why that cannot be done, if so: then each runs by itself, and that which is wrong fails
 * alone.
 */
async function addBundles(files: readonly string[], made: Map<string, string>): Promise<string | null> {
  try {
    for (const { path, text } of await bundleTests(files.filter((file) => file.endsWith(".test.ts")))) {
      made.set(path, text);
      replace(path, text);
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** How people name a file. */
function named(file: string): string {
  return relative(root, file).replaceAll(sep, "/");
}

/** What was compiled; null where some could not be, which are noted with what is wrong. */
async function compiledFrom(
  files: readonly string[],
  broken: Map<string, string>,
): Promise<readonly OutputFile[] | null> {
  try {
    return await outputOf(files);
  } catch (error) {
    if (!(error instanceof Error && "errors" in error)) throw error;
    for (const { location, text } of (error as BuildFailure).errors as readonly Message[]) {
      if (location === null) throw error;
      const file = location.file.replaceAll(sep, "/");
      const where = `${file}:${location.line}:${location.column}: ${text}\n    ${location.lineText}`;
      broken.set(file, broken.get(file) ?? where);
    }
    return null;
  }
}

async function outputOf(files: readonly string[]): Promise<readonly OutputFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outbase: root,
    outdir: folder,
    bundle: true,
    treeShaking: false,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "linked",
    define: {
      "import.meta.url": "urlOfSource",
      "import.meta.filename": "pathOfSource",
      "import.meta.dirname": "folderOfSource",
    },
    plugins: [fileByFile],
    write: false,
    logLevel: "silent",
  });
  return outputFiles;
}

/** Leaves every import where it is, naming the compiled form; the tests find what lies beside their sources as ever. */
const fileByFile: Plugin = {
  name: "file by file",
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      // On the first line, so that no other moves.
      contents: `${whereItIs(path)} ${readFileSync(path, "utf8")}`,
      loader: "ts",
    }));
    onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return undefined;
      return { path: fromCompiled(importer, resolve(dirname(importer), path)), external: true };
    });
    onResolve({ filter: /^[^./]/ }, ({ path }) => ({ path, external: true }));
  },
};

function whereItIs(path: string): string {
  const [url, file, directory] = [pathToFileURL(path).href, path, dirname(path)].map((text) => JSON.stringify(text));
  return `const urlOfSource = ${url}, pathOfSource = ${file}, folderOfSource = ${directory};`;
}

/** How the compiled form of one file names another one. */
function fromCompiled(importer: string, imported: string): string {
  const from = dirname(compiledForm(importer));
  const path = relative(from, runForm(imported)).replaceAll(sep, "/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** What is run in the place of a file. */
function runForm(file: string): string {
  if (!file.endsWith(".ts")) return file;
  const path = relative(root, file);
  return ofTheService.test(path) ? join(root, "dist", path.replace(/\.ts$/, ".js")) : compiledForm(file);
}

/** Nobody ever sees half a file: another run of tests may use the same checkout. */
function replace(path: string, text: string): void {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    mkdirSync(dirname(path), { recursive: true });
  }
  const fresh = `${path}-${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}
