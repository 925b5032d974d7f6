import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { listedStatuses } from "../../projections/incident.ts";
import { runScenarioText, type ScenarioResult } from "../../src/scenarios/run-scenario-file.ts";
import { suite } from "../support/suite.ts";

const folder = dirname(fileURLToPath(import.meta.url));

const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".yaml"))
  .sort();

const results = files.flatMap((path) => runScenarioText(readFileSync(join(folder, path), "utf8"), path));

for (const topic of [...new Set(files.map(dirname))]) {
  const it = suite(`scenarios of ${topic}`);
  for (const result of results.filter(({ file }) => dirname(file) === topic)) {
    it(`${result.name} (${relative(topic, result.file)})`, () => {
      if (result.failure !== null) throw new Error(result.failure);
    });
  }
}

const statuses = [...listedStatuses, "deleted"];
const commands = [
  "acknowledge",
  "assign",
  "unassign",
  "snooze",
  "wake",
  "resolve",
  "close",
  "reopen",
  "dismiss",
  "escalate",
  "update to pending",
  "update to assigned",
  "update to acknowledged",
  "update to snoozed",
  "update to resolved",
  "update to closed",
  "update to dismissed",
  "merge",
  "delete",
  "comment",
  "move",
  "redact",
];

const it = suite("the scenario files");

it("cover every cell of the status table, each once", () => {
  const cells = results
    .filter(({ file }) => dirname(file) === "status-table")
    .map(({ name }) => name.slice(0, name.indexOf(":")));
  const wanted = statuses.flatMap((status) => commands.map((command) => `${status}, ${command}`));
  assert.equal([...cells].sort(), wanted.sort());
});

it("are short enough to read", () => {
  for (const path of files) {
    for (const document of readFileSync(join(folder, path), "utf8").split(/^---$/m)) {
      assert.ok(document.split("\n").length <= 40, `${path} has a scenario of more than 40 lines`);
    }
  }
});

it("each have a sentence of their own", () => {
  const seen = new Map<string, ScenarioResult>();
  for (const result of results) {
    const other = seen.get(result.name);
    assert.is(other, undefined, `${result.file} and ${other?.file} are both called "${result.name}"`);
    seen.set(result.name, result);
  }
});
