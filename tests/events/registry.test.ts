import * as assert from "uvu/assert";
import type { EventDefinition } from "../../events/define-event.ts";
import { definitionOf, definitions, type EventName, isDecision } from "../../events/registry.ts";
import { dataFault, textFault } from "../../src/ledger/event-checks.ts";
import { suite } from "../support/suite.ts";

const all: readonly EventDefinition[] = [...definitions.values()];

/** What the design calls them; a name that is recorded once is recorded for ever. */
const facts = `incident.reported incident.repeated incident.edited incident.severity-changed incident.handed-over
  incident.handed-back incident.return-forgotten incident.acknowledged incident.snoozed incident.wake-asked
  incident.moved incident.resolved incident.closed incident.reopened incident.dismissed incident.merged
  incident.absorbed incident.deleted incident.commented incident.responder-added handler.joined handler.left
  handler.capacity-changed handler.made-available handler.made-unavailable team.created team.rules-changed time.passed
  ledger.opened rules.adopted text.erased`.split(/\s+/);
const decisions = `incident.assigned incident.queued incident.severity-raised incident.woken incident.ack-timed-out
  incident.rerouted incident.auto-closed`.split(/\s+/);

const it = suite("the registry of events");

it("knows every fact and every decision of the desk, each as what it is", () => {
  for (const name of facts) assert.is(definitions.get(name)?.kind, "fact", name);
  for (const name of decisions) assert.is(definitions.get(name)?.kind, "decision", name);
});

it("tells facts from decisions", () => {
  assert.ok(isDecision("incident.assigned"));
  assert.not(isDecision("incident.reported"));
  assert.is(definitionOf("time.passed").name, "time.passed");
  assert.throws(() => definitionOf("incident.invented" as EventName), /no event is named incident\.invented/);
});

it("has each name once, and so no name of two kinds", async () => {
  const families: readonly Record<string, unknown>[] = await Promise.all([
    import("../../events/handler.ts"),
    import("../../events/incident-assignment.ts"),
    import("../../events/incident-ending.ts"),
    import("../../events/incident-report.ts"),
    import("../../events/key.ts"),
    import("../../events/ledger.ts"),
    import("../../events/team.ts"),
    import("../../events/time.ts"),
    import("../../events/user.ts"),
  ]);
  const names: string[] = [];
  for (const exported of families) {
    for (const value of Object.values(exported)) {
      if (typeof value === "object" && value !== null && "kind" in value && "name" in value)
        names.push(String(value.name));
    }
  }
  names.sort();
  assert.equal(names, [...new Set(names)]);
  assert.equal(names, all.map(({ name }) => name).sort());
});

it("names events by a family and a past participle, in lower case", () => {
  for (const { name } of all) assert.match(name, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
});

it("numbers versions from 1", () => {
  for (const { name, version } of all) assert.ok(Number.isSafeInteger(version) && version >= 1, name);
});

it("lets no event have fields that are not described", () => {
  for (const { name, data, text } of all) {
    assert.is(data.additionalProperties, false, name);
    if (text !== null) assert.is(text.additionalProperties, false, name);
  }
});

it("gives decisions no text: rules never see any", () => {
  for (const { name, kind, text } of all) if (kind === "decision") assert.is(text, null, name);
});

it("has an example of every event that fits its schema and is plain JSON", () => {
  for (const definition of all) {
    const { data, text = null } = definition.example;
    assert.is(dataFault(definition, data), null, definition.name);
    assert.is(textFault(definition, text, false), null, definition.name);
    assert.equal(JSON.parse(JSON.stringify(definition.example)), definition.example, definition.name);
  }
});
