import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { runScenarioFile, runScenarioText } from "../../src/scenarios/run-scenario-file.ts";
import { suite } from "../support/suite.ts";

/** The failure of the only scenario of a text; empty where it passes. */
function failureOf(...lines: string[]): string {
  const [result, another] = runScenarioText(lines.join("\n"), "example.yaml");
  assert.is(another, undefined);
  return result?.failure ?? "";
}

const report = "  - report: { incident: outage, timestamp: 2023-12-17T10:00:00Z }";
const reported = "  - incident.reported: { incident: outage }";
const queued = "  - incident.queued: { incident: outage }";

function failureOfWhen(command: string, ...more: string[]): string {
  return failureOf("scenario: Example", "given:", report, "when:", `  - ${command}`, ...more, "then: []");
}

const it = suite("running a scenario file");

it("passes where all is as expected", () => {
  assert.is(
    failureOf("scenario: Example", "when:", report, "then:", reported, queued, "shows:", "  queue: [outage]"),
    "",
  );
});

it("reads the file and names it in the results", async () => {
  const path = fileURLToPath(new URL("freed/resolve-gives-the-slot-to-the-most-urgent.yaml", import.meta.url));
  assert.equal(await runScenarioFile(path), [
    {
      file: path,
      line: 1,
      name: "A freed handler takes the most urgent pending incident",
      passed: true,
      failure: null,
    },
  ]);
});

it("runs several documents of one file, a faulty one among them", () => {
  const good = ["scenario: Good", "when:", report, "then:", reported, queued].join("\n");
  const results = runScenarioText(`${good}\n---\nscenario: Bad\nwhen: []\nthen: []\n---\n${good}`, "example.yaml");
  assert.equal(
    results.map(({ name, passed, line }) => [name, passed, line]),
    [
      ["Good", true, 1],
      ["Bad", false, 9],
      ["Good", true, 12],
    ],
  );
});

it("shows what is expected and what happened, with the line that differs", () => {
  const failure = failureOf(
    "scenario: Example",
    "given:",
    "  - handler.joined: { handler: Alice }",
    "when:",
    report,
    "then:",
    reported,
    queued,
  );
  assert.is(
    failure,
    [
      "example.yaml:8",
      "What is expected (-) and what happened (+):",
      "  line 7   incident.reported: { incident: outage }",
      "- line 8   incident.queued: { incident: outage }",
      "+          incident.assigned: { incident: outage, handler: Alice, at: 2023-12-17T10:00:00.000Z, because: " +
        '"incident.reported outage" }',
    ].join("\n"),
  );
});

it("fails where something happened that no line names", () => {
  assert.match(failureOf("scenario: Example", "when:", report, "then:", reported), "+          incident.queued");
});

it("fails where a read model shows something else", () => {
  const failure = failureOf(
    ...["scenario: Example", "when:", report, "then:", reported, queued],
    ...["shows:", "  queue: []", "  incidents: { outage: { severity: 1 } }"],
  );
  assert.match(failure, 'line 8: the queue of default is expected to be [], but is ["outage"]');
  assert.match(failure, "line 9: severity of outage is expected to be 1, but is 3");
});

it("fails on a refusal that is not expected, and says why it was refused", () => {
  assert.match(failureOfWhen("escalate: { incident: outage, severity: 4 }"), "+          refused: not-higher");
});

it("refuses what is not YAML", () => {
  assert.match(failureOf("scenario: Example", "when: ["), "This is not YAML");
});

it("refuses a scenario without a name, without commands, or with an unknown part", () => {
  assert.match(failureOf("when: []", "then: []"), "example.yaml:1\nA scenario needs a name");
  assert.match(failureOf("scenario: Example", "then: []"), 'The scenario has no "when:"');
  assert.match(
    failureOf("scenario: Example", "whens: []", "then: []"),
    "example.yaml:2\nA scenario has no part whens. Did you mean when?",
  );
});

it("refuses an unknown command, event, field or refusal, and says what would be right", () => {
  assert.match(
    failureOfWhen("resolv: { incident: outage }"),
    "example.yaml:5\nNo command is named resolv. Did you mean",
  );
  assert.match(
    failureOf("scenario: Example", "when:", report, "then:", "  - incident.reprted: { incident: outage }"),
    "example.yaml:5\nNo event is named incident.reprted. Did you mean incident.reported?",
  );
  assert.match(
    failureOfWhen("resolve:", "      incident: outage", "      resolutoin: done"),
    "example.yaml:7\nresolve has no field resolutoin. Did you mean resolution?",
  );
  assert.match(
    failureOf("scenario: Example", "when:", report, "then:", "  - incident.reported: { sverity: 2 }"),
    "example.yaml:5\nincident.reported has no field sverity. Did you mean severity?",
  );
  assert.match(
    failureOf("scenario: Example", "when:", report, "then:", "  - refused: not-hihger"),
    "No refusal has the code not-hihger. Did you mean not-higher?",
  );
  assert.match(
    failureOf("scenario: Example", "when:", report, "then:", reported, queued, "shows: { queues: [] }"),
    "shows has no queues. Did you mean queue?",
  );
});

it("refuses a value that a field cannot hold", () => {
  assert.match(
    failureOfWhen("escalate: { incident: outage, severity: high }"),
    'severity of escalate cannot be "high"',
  );
  assert.match(failureOfWhen("snooze: { incident: outage, until: noon }"), "until of snooze must be a time like");
  assert.match(failureOfWhen("resolve: { resolution: done }"), "resolve must say which incident");
});

it("refuses a name that stands for no incident", () => {
  assert.match(failureOfWhen("resolve: { incident: outtage }"), "No incident is named outtage. Did you mean outage?");
});

it("refuses times that fall", () => {
  assert.match(failureOfWhen("resolve: { incident: outage, at: 2023-12-17T09:59:00Z }"), "times never fall");
});

it("refuses a past whose decisions the rules would not make", () => {
  const failure = failureOf(
    ...[
      "scenario: Example",
      "given:",
      "  - handler.joined: { handler: Alice }",
      report.replace("report", "incident.reported"),
    ],
    ...[queued, "when:", "  - resolve: { incident: outage }", "then: []"],
  );
  assert.match(failure, "example.yaml:5\nThis past cannot have been; the rules decide otherwise:");
  assert.match(failure, "+          incident.assigned: { incident: outage, handler: Alice");
});

it("refuses a past in which a decision is missing", () => {
  const failure = failureOf(
    ...["scenario: Example", "given:", report.replace("report", "incident.reported")],
    ...["when:", "  - resolve: { incident: outage }", "then: []"],
  );
  assert.match(failure, "+          incident.queued");
});

it("refuses a past in which something was overdue", () => {
  const failure = failureOf(
    ...["scenario: Example", "given:", report, "  - snooze: { incident: outage, minutes: 1 }"],
    ...["  - incident.commented: { incident: outage, at: 2023-12-17T11:00:00Z }"],
    ...["when:", "  - resolve: { incident: outage }", "then: []"],
  );
  assert.match(failure, "example.yaml:5\nThis past cannot have been");
  assert.match(failure, "a time.passed must stand before this line");
});

it("refuses a past in which a command is refused or a status forbids a fact", () => {
  const tail = ["when:", "  - resolve: { incident: outage }", "then: []"];
  assert.match(
    failureOf("scenario: Example", "given:", report, "  - reopen: { incident: outage }", ...tail),
    "This cannot be given: reopen changes nothing",
  );
  assert.match(
    failureOf("scenario: Example", "given:", report, "  - incident.reopened: { incident: outage }", ...tail),
    "incident.reopened cannot have happened: outage was pending just then.",
  );
});

it("takes facts of one commit together, with the decisions behind them", () => {
  const failure = failureOf(
    ...["scenario: Example", "given:", "  - handler.joined: { handler: Alice }", report],
    ...[
      "  - together:",
      "      - handler.left: { handler: Alice }",
      "      - incident.handed-back: { incident: outage }",
    ],
    ...[queued, "when:", "  - add-handler: { handler: Bob }", "then:", "  - handler.joined: { handler: Bob }"],
    ...["  - incident.assigned: { incident: outage, handler: Bob, because: handler.joined }"],
  );
  assert.is(failure, "");
});
