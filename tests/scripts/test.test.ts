import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { compiledForm } from "../../scripts/test/compiled-form.ts";
import { suite } from "../support/suite.ts";
import { removeTemporaryTree, writeTemporaryTree } from "../support/temporary-tree.ts";

const runner = compiledForm(fileURLToPath(new URL("../../scripts/test.ts", import.meta.url)));
const moduleOf = (path: string): string =>
  pathToFileURL(compiledForm(fileURLToPath(new URL(path, import.meta.url)))).href;
const suiteModule = moduleOf("../support/suite.ts");
const producedModule = moduleOf("../support/produced/produced.ts");

interface Run {
  status: number | null;
  output: string;
  /** The last line: the summary. */
  summary: string | undefined;
}

/** Runs the test runner in a folder of its own that has just these test files. */
function runTests(files: Record<string, string>, env: Record<string, string> = {}, words: string[] = []): Run {
  const tests = Object.entries(files).map(([name, content]) => {
    return [`tests/${name}.test.js`, `import { suite } from "${suiteModule}";\n${content}\n`];
  });
  const root = writeTemporaryTree({
    "package.json": '{"type":"module"}',
    "tests/none.txt": "",
    ...Object.fromEntries(tests),
  });
  const run = spawnSync(process.execPath, [runner, ...words], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, CI: "", TEST_PATIENCE: "1", ...env },
  });
  removeTemporaryTree(root);
  assert.is(run.stderr, "");
  return { status: run.status, output: run.stdout, summary: run.stdout.trimEnd().split("\n").at(-1) };
}

function expectFailure(run: Run, summary: string, sentence: RegExp): void {
  assert.match(run.output, sentence);
  assert.is(run.summary, summary);
  assert.is(run.status, 1);
}

const it = suite("the test runner");

it("counts what passed over all files and succeeds", () => {
  const run = runTests({
    one: 'const it = suite("one"); it("a", () => {}); await new Promise((done) => setTimeout(done, 50)); it("b", async () => {});',
    two: 'suite("two")("c", () => {}); suite("three")("d", () => {});',
  });
  assert.is(run.summary, "4 passed, 0 failed, 0 skipped");
  assert.is(run.status, 0);
});

it("runs only the files that are named", () => {
  const run = runTests({ one: 'suite("one")("a", () => {});', two: 'throw new Error("no");' }, {}, ["on"]);
  assert.is(run.summary, "1 passed, 0 failed, 0 skipped");
});

it("shows what a failing test threw, an Error or not", () => {
  const content =
    'const it = suite("x"); it("a", () => { throw new Error("the cause"); }); it("b", () => { throw "a string"; }); it("c", () => {});';
  const run = runTests({ one: content });
  expectFailure(run, "1 passed, 2 failed, 0 skipped", /the cause/);
  assert.match(run.output, /a string/);
});

it("fails when a secret was in what the tests of a file produced, though each of them passed", () => {
  const secret = `il_link_${randomBytes(32).toString("base64url")}`;
  const leak = `import { produced } from "${producedModule}"; suite("x")("a", () => produced("${secret}", "the log"));`;
  const run = runTests({ one: leak, two: 'suite("y")("b", () => {});' });
  expectFailure(run, "2 passed, 1 failed, 0 skipped", /the log has a secret, link il_link_/);
});

it("fails when a hook throws", () => {
  const fail = '() => { throw new Error("the hook"); }';
  for (const [hook, summary] of [
    ["before", "0 passed, 2 failed, 0 skipped"],
    ["after", "2 passed, 1 failed, 0 skipped"],
    ["before.each", "0 passed, 2 failed, 0 skipped"],
    ["after.each", "0 passed, 2 failed, 0 skipped"],
  ] as const) {
    const run = runTests({ one: `const it = suite("x"); it.${hook}(${fail}); it("a", () => {}); it("b", () => {});` });
    expectFailure(run, summary, /the hook/);
  }
});

it("runs the hooks around the tests in their order", () => {
  const content = `
    const it = suite("x");
    const order = [];
    it.before(() => order.push("before"));
    it.before.each(() => order.push("each"));
    it.after.each(() => order.push("after each"));
    it.after(() => console.error(order.join(", ")));
    it("a", () => order.push("a"));
    it("b", () => { throw new Error("so that the output is shown"); });`;
  const run = runTests({ one: content });
  expectFailure(run, "1 passed, 1 failed, 0 skipped", /before, each, a, after each, each, after each/);
});

it("fails a test that does not come to an end, and goes on with the next", () => {
  const run = runTests({
    one: 'const it = suite("x"); it("a", () => new Promise(() => {}), { timeout_ms: 50 }); it("b", () => {});',
  });
  expectFailure(run, "1 passed, 1 failed, 0 skipped", /"a" did not come to an end within 50 ms\./);
});

it("ends a file that takes too long, with all it started, and names it", () => {
  const content = `
    import { spawn } from "node:child_process";
    suite("x")("hangs", () => {
      spawn("sleep", ["60"], { stdio: "inherit" });
      for (;;);
    });`;
  const run = runTests({ slow: content }, { TEST_FILE_LIMIT_MS: "2000" });
  expectFailure(run, "0 passed, 1 failed, 0 skipped", /tests\/slow\.test\.js took longer than the 2000 ms/);
});

it("is not kept waiting by what a test left open", () => {
  const content = 'import { createServer } from "node:net"; createServer().listen(0); suite("x")("a", () => {});';
  assert.is(runTests({ one: content }, { TEST_FILE_LIMIT_MS: "20000" }).summary, "1 passed, 0 failed, 0 skipped");
});

it("fails a file without a suite, a suite without a test, and a run without a file", () => {
  expectFailure(runTests({ one: "" }), "0 passed, 1 failed, 0 skipped", /ran no test: it has no suite/);
  expectFailure(runTests({ one: 'suite("empty");' }), "0 passed, 1 failed, 0 skipped", /The suite "empty" has no test/);
  expectFailure(runTests({}), "0 passed, 1 failed, 0 skipped", /No test file under tests\//);
});

it("fails a file that crashes or exits before its tests are done", () => {
  const exits = 'suite("x")("a", () => process.exit(0));';
  expectFailure(runTests({ one: exits }), "0 passed, 1 failed, 0 skipped", /ended during "x: a"/);
  const crashes = 'suite("x")("a", () => {}); throw new Error("while it was loaded");';
  expectFailure(runTests({ one: crashes }), "0 passed, 1 failed, 0 skipped", /while it was loaded/);
  const strays =
    'suite("x")("a", () => { void Promise.reject(new Error("nobody waits for this")); return new Promise((done) => setTimeout(done, 50)); });';
  expectFailure(runTests({ one: strays }), "0 passed, 1 failed, 0 skipped", /nobody waits for this/);
});

it("refuses a test that is added when the tests already run", () => {
  const run = runTests({ one: 'const it = suite("x"); it("a", () => it("b", () => {}));' });
  expectFailure(run, "0 passed, 1 failed, 0 skipped", /"b" was added after the tests had begun/);
});

it("reports a skipped test with its reason, and fails it in CI", () => {
  const file = { one: 'const it = suite("x"); it("a", () => {}); it.skip("b", "the moon is full");' };
  const run = runTests(file);
  assert.match(run.output, /skipped "x: b": the moon is full/);
  assert.is(run.summary, "1 passed, 0 failed, 1 skipped");
  assert.is(run.status, 0);
  expectFailure(
    runTests(file, { CI: "true" }),
    "1 passed, 1 failed, 0 skipped",
    /"x: b" is skipped, which CI does not allow/,
  );
  expectFailure(runTests({ one: 'suite("x").skip("b", " ");' }), "0 passed, 1 failed, 0 skipped", /Write down why/);
});
