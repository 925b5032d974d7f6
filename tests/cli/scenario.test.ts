import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("scenario");

const right = `scenario: A report goes to whoever is free
given:
  - handler.joined: { handler: Alice, capacity: 1 }
when:
  - report: { incident: outage, severity: 1, timestamp: 2023-12-17T10:00:00Z }
then:
  - incident.reported: { incident: outage }
  - incident.assigned: { incident: outage, handler: Alice }
`;
const wrong = right.replace("handler: Alice }\n", "handler: Bob }\n");

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = freshDirectory();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

it("runs files, whole directories and patterns", async () => {
  const directory = directoryWith({ "one.yaml": right, "two.yml": right, "notes.txt": "no scenario" });
  for (const named of [
    [join(directory, "one.yaml"), join(directory, "two.yml")],
    [directory],
    [join(directory, "*.y*ml")],
  ]) {
    const { code, stdout } = await runCli(["scenario", ...named]);
    assert.is(code, 0, stdout);
    assert.is(stdout, "2 scenarios as expected, 0 not\n");
  }
});

it("shows where and how a scenario differs, and ends with 1", async () => {
  const directory = directoryWith({ "right.yaml": right, "wrong.yaml": wrong });
  const { code, stdout } = await runCli(["scenario", directory]);
  assert.is(code, 1);
  assert.match(stdout, "FAILED  A report goes to whoever is free");
  assert.match(stdout, `${join(directory, "wrong.yaml")}:8`);
  assert.match(stdout, /^- .*incident\.assigned.*Bob/m);
  assert.match(stdout, /^\+ .*incident\.assigned.*Alice/m);
  assert.match(stdout, "1 scenarios as expected, 1 not");
  const json = JSON.parse((await runCli(["scenario", "--json", directory])).stdout);
  assert.is(json.passed, 1);
  assert.is(json.failed, 1);
});

it("refuses names under which there is no scenario", async () => {
  const directory = directoryWith({ "notes.txt": "no scenario" });
  const { code, stderr } = await runCli(["scenario", directory]);
  assert.is(code, 2);
  assert.is(stderr, `There is no scenario file at ${directory}.\n`);
});
