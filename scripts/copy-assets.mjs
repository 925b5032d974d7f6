/**
 * Lays beside the compiled files what they need and no compiler makes: Redoc's script and its licences, which come from a
 * package that only development installs. Called by scripts/setup.mjs, and by `npm run build` for dist/.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const from = join(root, "node_modules", "@redocly", "cli");
/** Beside the module that reads them, and beside the bundle of which it is a part too. */
const places = [join("src", "http", "routes", "documentation", "redoc"), join("bundled", "redoc")];
const files = [join("lib", "chunks", "redoc.standalone.js"), "LICENSE", "THIRD_PARTY_NOTICES"];

/** Copies the files into a folder of compiled ones. */
export function copyAssets(dist) {
  for (const place of places) {
    const folder = join(dist, place);
    mkdirSync(folder, { recursive: true });
    for (const file of files) copyFileSync(join(from, file), join(folder, basename(file)));
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  copyAssets(join(root, "dist"));
