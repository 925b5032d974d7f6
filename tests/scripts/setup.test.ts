import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { removeTemporaryTree, writeTemporaryTree } from "../support/temporary-tree.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(checkout, path), "utf8");

/** Stands in for npm: notes down how it was called, and makes the packages of this checkout those of the small one. */
const npm = `#!/bin/sh
echo "$@" >> npm-calls
rm -rf node_modules
ln -s "${join(checkout, "node_modules")}" node_modules
`;

/** Runs the set-up of a small checkout to its end. */
function setUp(root: string, ...flags: string[]): Promise<{ status: number | null; said: string; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, join(root, "scripts", "setup.mjs")], {
      env: { ...process.env, PATH: `${join(root, "bin")}:${process.env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    let stdout = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, said, stdout }));
  });
}

let root = "";
/** A checkout that was set up, to copy what was compiled there. */
let ready = "";
const it = suite("the set-up of a checkout");

function freshCheckout(): string {
  const root = writeTemporaryTree({
    "bin/npm": npm,
    "scripts/setup.mjs": read("scripts/setup.mjs"),
    "scripts/bundle.mjs": read("scripts/bundle.mjs"),
    "scripts/copy-assets.mjs": read("scripts/copy-assets.mjs"),
    "package.json": read("package.json"),
    "package-lock.json": read("package-lock.json"),
    "tsconfig.json": read("tsconfig.json"),
    "tsconfig.build.json": read("tsconfig.build.json"),
    "events/one.ts": "export const one: number = 1;\n",
    "src/cli/main.ts": '#!/usr/bin/env node\nimport { one } from "../../events/one.ts";\nconsole.log(one);\n',
  });
  chmodSync(join(root, "bin", "npm"), 0o755);
  // Each package is linked by itself, so that nothing a set-up does to node_modules reaches the real one.
  mkdirSync(join(root, "node_modules"));
  for (const name of readdirSync(join(checkout, "node_modules"))) {
    symlinkSync(join(checkout, "node_modules", name), join(root, "node_modules", name));
  }
  return root;
}

/** Makes the checkout one that was set up before. */
async function beSetUp(): Promise<void> {
  cpSync(join(ready, "dist"), join(root, "dist"), { recursive: true });
  assert.equal(await setUp(root), { status: 0, said: "", stdout: "" });
}

it.before(async () => {
  ready = freshCheckout();
  assert.is((await setUp(ready)).status, 0);
});
it.after(() => removeTemporaryTree(ready));
it.before.each(() => {
  root = freshCheckout();
});
it.after.each(() => removeTemporaryTree(root));

it("compiles what is not compiled yet, and then has nothing more to do or say", async () => {
  const first = await setUp(root);
  assert.equal(first, { status: 0, said: "Compiling TypeScript into dist/.\n", stdout: "" });
  assert.ok(existsSync(join(root, "dist/src/cli/main.js")));
  assert.ok(existsSync(join(root, "dist/bundled/main.js")));
  assert.equal(await setUp(root), { status: 0, said: "", stdout: "" });
});

it("compiles again when a source has changed, and leaves nothing of a deleted one", async () => {
  await beSetUp();
  rmSync(join(root, "events/one.ts"));
  writeFileSync(join(root, "src/cli/main.ts"), "console.log(2);\n");
  assert.is((await setUp(root)).said, "Compiling TypeScript into dist/.\n");
  assert.not(existsSync(join(root, "dist/events/one.js")));
  for (const main of ["dist/src/cli/main.js", "dist/bundled/main.js"])
    assert.match(readFileSync(join(root, main), "utf8"), /console\.log\(2\)/);
});

it("says what to do when the sources do not compile, and keeps the dist that worked", async () => {
  await beSetUp();
  writeFileSync(join(root, "events/one.ts"), 'export const one: number = "one";\n');
  const { status, stdout, said } = await setUp(root);
  assert.is(status, 1);
  assert.is(stdout, "");
  assert.match(said, /events\/one\.ts.*TS2322[\s\S]*Compiling failed; mend the errors above/);
  assert.ok(existsSync(join(root, "dist/src/cli/main.js")));
  assert.not(existsSync(join(root, ".setup-lock")));
});

it("lets two at once wait for each other, and only one of them compiles, be it that the bundle alone is gone", async () => {
  await beSetUp();
  rmSync(join(root, "dist/bundled"), { recursive: true });
  const [one, two] = await Promise.all([setUp(root), setUp(root)]);
  assert.is(one.status, 0);
  assert.is(two.status, 0);
  const compiled = [one, two].filter(({ said }) => said.includes("Compiling"));
  assert.is(compiled.length, 1);
  assert.ok(existsSync(join(root, "dist/bundled/main.js")));
});

it("clears away the lock of a set-up that was killed", async () => {
  const dead = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => dead.on("close", resolve));
  writeFileSync(join(root, ".setup-lock"), String(dead.pid));
  // Something has to be done, or it looks for no lock: the packages are missing.
  await beSetUp();
  rmSync(join(root, "node_modules"), { recursive: true });
  assert.is((await setUp(root)).status, 0);
  assert.ok(existsSync(join(root, "npm-calls")));
  assert.not(existsSync(join(root, ".setup-lock")));
});

it("installs the packages of a fresh clone", async () => {
  rmSync(join(root, "node_modules"), { recursive: true });
  const { status, said } = await setUp(root);
  assert.is(status, 0);
  assert.match(said, /^Installing the packages .*npm ci.*takes about a minute\.\nCompiling/);
  assert.match(readFileSync(join(root, "npm-calls"), "utf8"), /^ci --include=dev [^\n]*\n$/);
});

it("installs again when the lock file names another version of a package", async () => {
  await beSetUp();
  assert.not(existsSync(join(root, "npm-calls")));
  const lock = JSON.parse(read("package-lock.json"));
  lock.packages["node_modules/uvu"].version = "0.5.7";
  writeFileSync(join(root, "package-lock.json"), JSON.stringify(lock));
  assert.match((await setUp(root)).said, /^Installing the packages/);
});

it("refuses an old Node with one sentence", async () => {
  const pretend = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.18.3"}})';
  const { status, said } = await setUp(root, "--import", pretend);
  assert.is(status, 1);
  assert.is(
    said,
    "Incident Ledger needs Node 20.19 or newer, and this is 20.18.3; install a newer Node and try again.\n",
  );
});
