import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { allChecks } from "../../scripts/check/all-checks.ts";
import { readSourceTree } from "../../scripts/check/source-tree.ts";
import { compiledForm } from "../../scripts/test/compiled-form.ts";
import { suite } from "../support/suite.ts";
import { removeTemporaryTree, writeTemporaryTree } from "../support/temporary-tree.ts";

const checkScript = compiledForm(fileURLToPath(new URL("../../scripts/check.ts", import.meta.url)));

/** A small checkout in which every rule is kept. */
const sound = {
  "package.json": "{}",
  "README.md": "# A checkout\n",
  ".gitignore": "dist/\n",
  "events/stream.ts": "/** A stream's name. */\nexport type Stream = string;\n",
  "projections/board.ts":
    'import type { Stream } from "../events/stream.ts";\n/** A board. */\nexport interface Board { stream: Stream }\n',
  "src/rules/settle.ts":
    'import type { Board } from "../../projections/board.ts";\n/** Decides. */\nexport function settle(board: Board): Board { return board; }\n',
  "src/runtime/runtime.ts": "/** The time. */\nexport const now = (): number => Date.now();\n",
  "src/worker.ts": 'console.log(new Date("2026-01-01"), Math.max(1, 2), "Date.now()"); // Math.random() in a comment\n',
  "src/cli/main.ts":
    'import { settle } from "../rules/settle.ts";\nimport { now } from "../runtime/runtime.ts";\nconsole.log(settle, now, new URL("../worker.ts", import.meta.url));\n',
  "tests/settle.test.ts":
    'import { settle } from "../src/rules/settle.ts";\nimport { two } from "./support/two.ts";\nsetTimeout(() => settle, two);\n',
  "tests/support/two.ts": "export const two = 2;\n",
  "scripts/bench.ts": "console.log(performance.now());\n",
};

/** What the checks say about the sound checkout with some files changed, added, or (undefined) left out. */
function findingsIn(changes: Readonly<Record<string, string | undefined>>): string[] {
  const files = Object.entries({ ...sound, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const root = writeTemporaryTree(Object.fromEntries(files));
  try {
    const tree = readSourceTree(root);
    const findings = allChecks.flatMap((check) => check(tree));
    return findings.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  } finally {
    removeTemporaryTree(root);
  }
}

/** Breaks the sound checkout in several places at once; each place is given with what must be said about it. */
function expectFindings(changes: Record<string, string | undefined>, expected: readonly string[]): void {
  const lines = findingsIn(changes);
  const said = `These were found:\n${lines.join("\n")}`;
  for (const beginning of expected) {
    assert.ok(
      lines.some((line) => line.startsWith(beginning)),
      `"${beginning}" is missing. ${said}`,
    );
  }
  assert.is(lines.length, expected.length, `There are more findings than expected. ${said}`);
}

/** The line that brings further files into the product, so that they are not dead as well. */
const mainImporting = (...paths: string[]): string =>
  sound["src/cli/main.ts"] + paths.map((path) => `import "../../${path}";\n`).join("");

const it = suite("the check script");

it("has nothing to say about a sound checkout", () => {
  expectFindings({}, []);
});

it("prints each finding on a line of its own, and its exit code tells whether there was any", () => {
  for (const [changes, status, output] of [
    [{}, 0, /^The house rules hold in all 9 source files\.\n$/],
    [{ "notes.txt": "" }, 1, /^notes\.txt:1: does not belong at the top; .*\n\n1 places break the house rules/],
  ] as const) {
    const root = writeTemporaryTree({ ...sound, ...changes });
    const run = spawnSync(process.execPath, [checkScript, root], { encoding: "utf8" });
    removeTemporaryTree(root);
    assert.match(run.stdout, output);
    assert.is(run.stderr, "");
    assert.is(run.status, status);
  }
});

it("finds imports against the direction", () => {
  const documented = "/** A thing. */\nexport const thing = 1;\n";
  expectFindings(
    {
      "events/a.ts": `import "../projections/board.ts";\n${documented}`,
      "events/b.ts": `import "fastify";\n${documented}`,
      "projections/c.ts": `import type { D } from "../src/rules/d.ts";\n${documented}`,
      "src/rules/d.ts": `import "../desk/desk.ts";\nimport "../ledger/e.ts";\n${documented}`,
      "src/desk/desk.ts": `import "../http/app.ts";\n${documented}`,
      "src/ledger/e.ts": `import "../rules/settle.ts";\n${documented}`,
      "src/http/app.ts": `const two = await import("../../tests/support/two.ts");\nimport "../../scripts/bench.ts";\n${documented}`,
      "src/cli/main.ts": mainImporting(
        "events/a.ts",
        "events/b.ts",
        "projections/c.ts",
        "src/http/app.ts",
        "src/rules/d.ts",
      ),
    },
    [
      "events/a.ts:1: events/ must not import projections/board.ts;",
      "events/b.ts:1: events/ must not import fastify;",
      "projections/c.ts:1: projections/ must not import src/rules/d.ts;",
      "src/rules/d.ts:1: src/rules/ must not import src/desk/desk.ts;",
      "src/rules/d.ts:2: src/rules/ must not import src/ledger/e.ts;",
      "src/desk/desk.ts:1: src/desk/ must not import src/http/app.ts;",
      "src/ledger/e.ts:1: src/ledger/ must not import src/rules/settle.ts;",
      "src/http/app.ts:1: src/ must not import tests/support/two.ts;",
      "src/http/app.ts:2: src/ must not import scripts/bench.ts;",
    ],
  );
});

it("finds imports in a circle, also of types alone", () => {
  expectFindings(
    {
      "events/a.ts": 'import type { B } from "./b.ts";\n/** A. */\nexport interface A { b: B }\n',
      "events/b.ts": '/** B. */\nexport interface B { c: import("./c.ts").C }\n',
      "events/c.ts": '\nimport type { A } from "./a.ts";\n/** C. */\nexport interface C { a: A }\n',
      "src/cli/main.ts": mainImporting("events/a.ts"),
    },
    ["events/c.ts:2: imports in a circle: events/a.ts → events/b.ts → events/c.ts → events/a.ts."],
  );
});

it("finds clocks, randomness and timers outside the runtime", () => {
  const lines = [
    'import { createHash, randomUUID as id } from "node:crypto";',
    'import { validate, v7 } from "uuid";',
    'import { setImmediate, setTimeout as sleep } from "node:timers/promises"; import * as hidden from "node:crypto";',
    "const a = [Date.now(), new Date(), Date()];",
    "const { now } = Date;",
    "const b = performance.now();",
    "const c = process.hrtime.bigint();",
    "const d = Math.random();",
    "setTimeout(() => crypto.randomUUID(), 1);",
    "const e = { setInterval };",
    "globalThis.setTimeout(a);",
    "const f = (performance: { now(): number }, setTimeout: number) => performance.now() + setTimeout;",
    "const g = (runtime: { randomBytes(): number; setTimeout: number }) => runtime.randomBytes() + runtime.setTimeout;",
  ];
  expectFindings({ "src/worker.ts": lines.join("\n") }, [
    "src/worker.ts:1: randomUUID of node:crypto is banned here;",
    "src/worker.ts:2: v7 of uuid is banned here;",
    "src/worker.ts:3: setTimeout of node:timers/promises is banned here;",
    "src/worker.ts:3: node:crypto as a whole is banned here;",
    "src/worker.ts:4: Date.now is banned here;",
    "src/worker.ts:4: new Date() without an argument is banned here;",
    "src/worker.ts:4: Date used as a value is banned here;",
    "src/worker.ts:5: Date used as a value is banned here;",
    "src/worker.ts:6: performance is banned here;",
    "src/worker.ts:7: process.hrtime is banned here;",
    "src/worker.ts:8: Math.random is banned here;",
    "src/worker.ts:9: setTimeout is banned here;",
    "src/worker.ts:9: crypto.randomUUID is banned here;",
    "src/worker.ts:10: setInterval is banned here;",
    "src/worker.ts:11: globalThis (it hides which global is used) is banned here;",
  ]);
});

it("finds what is impure in the rules", () => {
  const lines = [
    'import { readFileSync } from "node:fs";',
    "const a = process.env;",
    "console.log(a);",
    "const b = fetch;",
    "const c = new Intl.NumberFormat();",
    'const d = "a".localeCompare("b") + (1).toLocaleString();',
    'const e = new Date("2026-01-01").getHours();',
    "const f = async () => 1;",
    'const g = { process: 1, console: "console" }.process;',
  ];
  const settle = sound["src/rules/settle.ts"];
  expectFindings({ "src/rules/settle.ts": settle + lines.join("\n") }, [
    "src/rules/settle.ts:4: src/rules/ must not import node:fs;",
    "src/rules/settle.ts:5: process is banned here;",
    "src/rules/settle.ts:6: console is banned here;",
    "src/rules/settle.ts:7: fetch is banned here;",
    "src/rules/settle.ts:8: Intl is banned here;",
    "src/rules/settle.ts:9: localeCompare is banned here;",
    "src/rules/settle.ts:9: toLocaleString is banned here;",
    "src/rules/settle.ts:10: getHours is banned here;",
    "src/rules/settle.ts:11: async code is banned here;",
  ]);
});

it("finds files that nothing reaches", () => {
  const dead = "/** Unused. */\nexport const unused = 1;\n";
  expectFindings(
    {
      "src/unused.ts": dead,
      "src/only-tested.ts": dead,
      "tests/only-tested.test.ts": 'import "../src/only-tested.ts";\n',
      "tests/support/unused.ts": dead,
      "tests/loose.ts": dead,
      "tests/loose.test.ts": 'import "./loose.ts";\n',
      "scripts/bench/unused.ts": dead,
    },
    [
      "src/unused.ts:1: src/cli/main.ts does not lead to this file.",
      "src/only-tested.ts:1: src/cli/main.ts does not lead to this file.",
      "tests/support/unused.ts:1: no test and no script imports this file.",
      "tests/loose.ts:1: is not a test;",
      "scripts/bench/unused.ts:1: no test and no script imports this file.",
    ],
  );
});

it("understands a worker file named with the extension it has in dist", () => {
  const urls = ["`./tail.$" + "{process.argv[0]}`", '"./head.js"'].map((path) => `new URL(${path}, import.meta.url)`);
  const main = `${sound["src/cli/main.ts"]}console.log(${urls.join(", ")});\n`;
  expectFindings({ "src/cli/main.ts": main, "src/cli/tail.ts": "", "src/cli/head.ts": "" }, []);
});

it("finds a missing entry point", () => {
  expectFindings({ "src/cli/main.ts": undefined }, ["src/cli/main.ts:1: the entry point is missing;"]);
});

it("finds what does not belong at the top", () => {
  expectFindings({ "notes.txt": "", "lib/a.ts": "", "vite.config.ts": "", ".github/x.yml": "" }, [
    "notes.txt:1: does not belong at the top;",
    "lib/:1: does not belong at the top;",
  ]);
});

it("finds barrels, export * and default exports", () => {
  expectFindings(
    {
      "events/all.ts": '// All of it.\nexport { type Stream } from "./stream.ts";\n',
      "events/most.ts": 'export * from "./stream.ts";\n/** One. */\nexport const one = 1;\n',
      "src/app.ts": "/** The app. */\nexport default function app(): void {}\n",
      "src/cli/main.ts": mainImporting("events/all.ts", "events/most.ts", "src/app.ts"),
    },
    ["events/all.ts:2: is a barrel;", "events/most.ts:1: `export *` hides", "src/app.ts:2: exports a default;"],
  );
});

it("finds exports without a doc comment", () => {
  const lines = [
    "export function bare(): void {}",
    "// An ordinary comment.",
    "export class Bare {}",
    "/** */",
    "export interface Empty {}",
    "export type Union = 1 | 2;",
    "export const constant = 1;",
    "/** A schema, and the type that is inferred from it. */",
    "export const Schema = 1;",
    "export type Schema = number;",
    "const own = 1;",
  ];
  expectFindings({ "src/worker.ts": lines.join("\n") }, [
    "src/worker.ts:1: bare is exported without a doc comment;",
    "src/worker.ts:3: Bare is exported without a doc comment;",
    "src/worker.ts:5: Empty is exported without a doc comment;",
    "src/worker.ts:6: Union is exported without a doc comment;",
    "src/worker.ts:7: constant is exported without a doc comment;",
  ]);
});

it("finds words that say something is unfinished, wherever they are written", () => {
  // Written in halves, so that the check does not object to this file.
  const [unfinished, broken, hidden, alone] = ["TO" + "DO", "FIX" + "ME", "biome" + "-ignore", ".on" + "ly("];
  expectFindings(
    {
      "README.md": `# A checkout\n${unfinished}: write it\n`,
      "src/worker.ts": `// ${broken}\n// ${hidden} lint: because\n`,
      "tests/scenarios/a.yaml": `# ${"X" + "XX"}\n`,
      "tests/settle.test.ts": `${sound["tests/settle.test.ts"]}it${alone}"x", 1);\n`,
    },
    [
      `README.md:2: "${unfinished}" is left here;`,
      `src/worker.ts:1: "${broken}" is left here;`,
      `src/worker.ts:2: "${hidden}" is left here;`,
      `tests/scenarios/a.yaml:1: "${"X" + "XX"}" is left here;`,
      `tests/settle.test.ts:4: "${alone}" is left here;`,
    ],
  );
});

it("finds names that are vague or not kebab-case", () => {
  expectFindings(
    { "src/utils.ts": "", "src/aBoard.ts": "", "src/cli/main.ts": mainImporting("src/utils.ts", "src/aBoard.ts") },
    ['src/utils.ts:1: "utils" says nothing;', 'src/aBoard.ts:1: "aBoard" is not kebab-case;'],
  );
});
