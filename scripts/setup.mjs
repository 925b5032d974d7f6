/**
 * Makes a checkout ready to run, and does only what is missing: installs the packages, sees that the SQLite driver
 * loads, compiles TypeScript into dist/ and bundles it there. `npm start`, `npm test` and `npm run ledger` call it first by themselves.
 *
 * It is plain JavaScript without dependencies, because it runs before there are any. All it has to say goes to
 * standard error: what `npm run --silent ledger -- replay --json` prints must be JSON alone.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyAssets } from "./copy-assets.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const oldestNode = [20, 19];
const lockFile = join(root, ".setup-lock");
const lockLimit_ms = 10 * 60 * 1000;
const buildStamp = join(root, "dist", ".built-from");
/** What users run. A build that was broken off may have left all but this. */
const program = join(root, "dist", "bundled", "main.js");
const builtFrom = [
  "events",
  "projections",
  "src",
  "scripts/bundle.mjs",
  "scripts/copy-assets.mjs",
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
];

refuseOldNode();
if (!isReady()) {
  takeLock();
  try {
    if (!packagesAreInstalled()) installPackages();
    if (!sqliteLoads()) rebuildSqlite();
    if (!isBuilt()) await build();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function isReady() {
  return packagesAreInstalled() && isBuilt() && sqliteLoads();
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = oldestNode;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  stop(
    `Incident Ledger needs Node ${needMajor}.${needMinor} or newer, and this is ${process.versions.node}; install a newer Node and try again.`,
  );
}

/**
 * Compares what npm noted down inside node_modules with package-lock.json, package by package. Times of files would
 * not do: a clone makes all files new. npm writes its note last, so an interrupted installation does not count.
 */
function packagesAreInstalled() {
  const note = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(note)) return false;
  const installed = readPackages(note);
  const wanted = readPackages(join(root, "package-lock.json"));
  delete wanted[""];
  const isAsWanted = (path) => {
    const here = installed[path];
    // Packages for other platforms are optional, and rightly not installed.
    if (here === undefined) return wanted[path].optional === true;
    return here.version === wanted[path].version && here.integrity === wanted[path].integrity;
  };
  return Object.keys(wanted).every(isAsWanted) && Object.keys(installed).every((path) => path in wanted);
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
}

function installPackages() {
  say(
    "Installing the packages this needs with `npm ci`; where no ready-made SQLite driver can be had for this Node, it is compiled from source, which takes about a minute.",
  );
  // Where NODE_ENV=production npm would leave out the compiler, and nothing could be built.
  run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], "Installing the packages failed; npm says why above.");
}

/** Opening a database is what loads the compiled part of the driver; importing it alone does not. */
function sqliteLoads() {
  try {
    const Database = createRequire(import.meta.url)("better-sqlite3");
    new Database(":memory:").close();
    return true;
  } catch {
    return false;
  }
}

function rebuildSqlite() {
  const why = "The SQLite driver (better-sqlite3) does not load in this Node";
  say(`${why}; building it again, which takes about a minute where it is compiled from source.`);
  const advice = "a C++ compiler, make and Python 3 are needed where no ready-made one can be had";
  run("npm", ["rebuild", "better-sqlite3"], `Building better-sqlite3 failed; ${advice}.`);
  // In a process of its own, since this one may remember that loading it failed.
  const probe = 'new (require("better-sqlite3"))(":memory:").close()';
  run(process.execPath, ["-e", probe], `${why}, even after it was built again; the error above says why.`);
}

function isBuilt() {
  return existsSync(program) && existsSync(buildStamp) && readFileSync(buildStamp, "utf8") === hashOfSources();
}

/** Hashes the contents of all that is compiled, so that a deleted or renamed file and a switched branch count too. */
function hashOfSources() {
  const hash = createHash("sha256");
  const add = (path) => {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  };
  for (const name of builtFrom) {
    if (!existsSync(join(root, name))) continue;
    if (/\.(json|mjs)$/.test(name)) add(name);
    else
      for (const file of readdirSync(join(root, name), { recursive: true }).sort())
        if (/\.ts$/.test(file)) add(join(name, file));
  }
  return hash.digest("hex");
}

/** Compiles into a folder beside dist/ and swaps the two, so that nobody ever sees a dist/ with half its files. */
async function build() {
  say("Compiling TypeScript into dist/.");
  const hash = hashOfSources();
  const fresh = join(root, ".dist-new");
  const old = join(root, ".dist-old");
  for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const mend = "Compiling failed; mend the errors above (`npm run typecheck` shows them again).";
  run(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", fresh], mend);
  await bundleIn(fresh);
  copyAssetsInto(fresh);
  writeFileSync(join(fresh, ".built-from"), hash);
  if (existsSync(join(root, "dist"))) renameSync(join(root, "dist"), old);
  renameSync(fresh, join(root, "dist"));
  rmSync(old, { recursive: true, force: true });
}

/** Loaded only here: before the packages are installed there is nothing to bundle with. */
async function bundleIn(folder) {
  try {
    const { bundle } = await import("./bundle.mjs");
    await bundle(folder);
  } catch (error) {
    stop(`What was compiled could not be bundled; run \`npm ci\` and try again. (${error.message})`);
  }
}

function copyAssetsInto(folder) {
  try {
    copyAssets(folder);
  } catch (error) {
    stop(
      `What belongs beside the compiled files could not be copied; run \`npm ci\` and try again. (${error.message})`,
    );
  }
}

/** Waits until no other setup works on this checkout. A lock whose owner is dead is cleared away. */
function takeLock() {
  const began_ms = Date.now();
  let told = false;
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (clearDeadLock()) continue;
    if (!told) say("Waiting for another setup of this checkout to finish.");
    told = true;
    if (Date.now() - began_ms > lockLimit_ms) {
      stop(
        "Another setup of this checkout has not finished within ten minutes; if none is running, delete the file .setup-lock and try again.",
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function clearDeadLock() {
  try {
    const owner = readFileSync(lockFile, "utf8");
    if (owner === "" || isAlive(Number(owner))) return false;
    const aside = `${lockFile}-${process.pid}`;
    renameSync(lockFile, aside);
    // Somebody else may have cleared and taken it between the two lines above: then it is put back.
    if (readFileSync(aside, "utf8") !== owner) linkSync(aside, lockFile);
    rmSync(aside);
    return true;
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "EEXIST") return true;
    throw error;
  }
}

function isAlive(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function run(command, args, onFailure) {
  // On Windows npm is a script that only a shell finds; the arguments are ours, so nothing needs quoting.
  const shell = process.platform === "win32" && command === "npm";
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell });
  if (status !== 0) stop(error === undefined ? onFailure : `${onFailure} (${error.message})`);
}

function say(sentence) {
  console.error(sentence);
}

function stop(sentence) {
  rmSync(lockFile, { force: true });
  say(sentence);
  process.exit(1);
}
