/**
 * Joins what tsc compiled, and the packages it needs, into the few files of dist/bundled/. Those are what users run: to load
 * seventeen hundred small files takes longer than all else that a start does. Called by scripts/setup.mjs, and by
 * `npm run build` for dist/.
 *
 * All files lie in one folder, so that a module which looks for something beside itself finds it there.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What has files beside its scripts: compiled parts, or pages. The loader of TypeScript, which only a checkout has. And what few
 * services need, and then load.
 */
export const leftOut = ["better-sqlite3", "@node-rs/argon2", "tsx", "undici"];

/** Packages of the old kind expect a `require`, and a bundle of the new kind has none. */
const requireHere =
  'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url), resolveHere = require.resolve;';

/** The pages of Swagger UI lie beside its scripts, which look for them there; in a bundle they have to be told where that is. */
const pagesStayInPlace = {
  name: "pages stay in place",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@fastify[\\/]swagger-ui[\\/](?:index|lib[\\/]routes)\.js$/ }, ({ path }) => {
      const name = path.slice(path.lastIndexOf("@fastify")).replaceAll("\\", "/");
      const place = `require("node:path").dirname(resolveHere(${JSON.stringify(name)}))`;
      return { contents: `const __dirname = ${place};\n${readFileSync(path, "utf8")}` };
    });
  },
};

/** How anything that Node runs is bundled here. */
export const bundling = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  mainFields: ["module", "main"],
  target: "node20",
  plugins: [pagesStayInPlace],
  sourcemap: "linked",
  sourcesContent: false,
};

/** Bundles a folder of compiled files into a folder in it. Throws where that cannot be done. */
export async function bundle(dist) {
  const outdir = join(dist, "bundled");
  rmSync(outdir, { recursive: true, force: true });
  const threads = readdirSync(join(dist, "src"), { recursive: true }).filter((path) => path.endsWith("-worker.js"));
  const { metafile } = await build({
    ...bundling,
    entryPoints: [join("cli", "main.js"), ...threads].map((path) => join(dist, "src", path)),
    outdir,
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    external: leftOut,
    banner: { js: requireHere },
    metafile: true,
    logLevel: "warning",
  });
  for (const { entryPoint = "", exports } of Object.values(metafile.outputs)) {
    // A package of the old kind that is imported in the middle of a program has no names there: esbuild cannot know them.
    if (entryPoint.includes("node_modules") && exports.join() === "default")
      throw new Error(`${entryPoint} would have lost its names; leave the package out of the bundle`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await bundle(join(root, "dist"));
