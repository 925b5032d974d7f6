import type { Node } from "yaml";
import { isMap } from "yaml";
import { parseGiven, parseThen, parseWhen } from "./parse-line.ts";
import type { Scenario, ShownValue, Shows } from "./scenario.ts";
import type { Entry, ScenarioDocument } from "./scenario-document.ts";
import { ScenarioFault, wordsInstead } from "./scenario-fault.ts";

const parts = ["scenario", "given", "when", "then", "shows"];
const shown = ["queue", "workload", "incidents", "handlers"];

/** The name of a document's scenario, or null where it has none. Reads nothing else, so that a faulty one has a name. */
export function nameOfScenario(document: ScenarioDocument): string | null {
  if (!isMap(document.root)) return null;
  const name = document.root.get("scenario");
  return typeof name === "string" ? name : null;
}

/** Reads one document, strictly: throws a ScenarioFault that names the line and says what would be right. */
export function parseScenario(document: ScenarioDocument): Scenario {
  if (document.syntaxFault !== null) throw document.syntaxFault;
  const line = document.firstLine;
  const entries = new Map<string, Entry>();
  for (const entry of document.entriesOf(document.root, line, "A scenario")) {
    if (!parts.includes(entry.key)) {
      throw new ScenarioFault(entry.line, `A scenario has no part ${entry.key}. ${wordsInstead(entry.key, parts)}`);
    }
    entries.set(entry.key, entry);
  }
  const name = nameOfScenario(document);
  if (name === null)
    throw new ScenarioFault(line, "A scenario needs a name, like scenario: A freed handler takes the next.");
  for (const part of ["when", "then"]) {
    if (!entries.has(part))
      throw new ScenarioFault(line, `The scenario has no "${part}:"; without it nothing is tested.`);
  }
  const list = <Line>(part: string, parse: (document: ScenarioDocument, node: Node, line: number) => Line): Line[] => {
    const entry = entries.get(part);
    if (entry === undefined) return [];
    return document.itemsOf(entry.value, entry.line, part).map((node) => parse(document, node, entry.line));
  };
  const when = list("when", parseWhen);
  if (when.length === 0)
    throw new ScenarioFault(entries.get("when")?.line ?? line, '"when:" needs at least one command.');
  return {
    name,
    line,
    given: list("given", parseGiven),
    when,
    outcome: list("then", parseThen),
    shows: parseShows(document, entries.get("shows")),
  };
}

function parseShows(document: ScenarioDocument, entry: Entry | undefined): Shows {
  const queue = new Map<string, ShownValue>();
  const workload = new Map<string, ShownValue>();
  const incidents = new Map<string, Map<string, ShownValue>>();
  const handlers = new Map<string, Map<string, ShownValue>>();
  for (const { key, line, value } of entry ? document.entriesOf(entry.value, entry.line, "shows") : []) {
    switch (key) {
      case "queue":
        // A bare list is the queue of the team default.
        if (!isMap(value)) queue.set("default", namesOf(document, value, line));
        else
          for (const team of document.entriesOf(value, line, key))
            queue.set(team.key, namesOf(document, team.value, team.line));
        break;
      case "workload":
        for (const one of document.entriesOf(value, line, key)) workload.set(one.key, shownValue(document, one));
        break;
      case "incidents":
      case "handlers":
        for (const one of document.entriesOf(value, line, key)) {
          const fields = document.entriesOf(one.value, one.line, one.key);
          const into = key === "incidents" ? incidents : handlers;
          into.set(one.key, new Map(fields.map((field) => [field.key, shownValue(document, field)])));
        }
        break;
      default:
        throw new ScenarioFault(line, `shows has no ${key}. ${wordsInstead(key, shown)}`);
    }
  }
  return { queue, workload, incidents, handlers };
}

function shownValue(document: ScenarioDocument, entry: Entry): ShownValue {
  return { line: entry.line, value: document.valueOf(entry.value) };
}

function namesOf(document: ScenarioDocument, node: Node | null, line: number): ShownValue {
  return { line, value: document.itemsOf(node, line, "queue").map((item) => String(document.valueOf(item))) };
}
