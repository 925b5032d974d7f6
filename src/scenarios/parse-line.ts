import type { TProperties } from "@sinclair/typebox";
import { isMap, isScalar, type Node } from "yaml";
import { definitions } from "../../events/registry.ts";
import { type RefusalCode, refusals } from "../rules/refusal.ts";
import { commandFields, isCommand } from "./command-fields.ts";
import { fieldsOfEvent, isEvent } from "./event-fields.ts";
import { fieldValue, incidentReference, instantOf, standsForIncident } from "./field-kind.ts";
import type { CommandLine, EventLine, ExpectedLine, Fields, GivenLine } from "./scenario.ts";
import type { Entry, ScenarioDocument } from "./scenario-document.ts";
import { ScenarioFault, wordsInstead } from "./scenario-fault.ts";

/** Reads one line of `given`: an event, several of one commit, or a command. */
export function parseGiven(document: ScenarioDocument, node: Node, line: number): GivenLine {
  const entry = onlyEntry(document, node, line, "given");
  if (entry.key === "together") {
    const events = document
      .itemsOf(entry.value, entry.line, "together")
      .map((item) => onlyEntry(document, item, entry.line, "together"))
      .map((item) => parseEvent(document, item));
    return { kind: "together", line: entry.line, events };
  }
  if (isEvent(entry.key)) return parseEvent(document, entry);
  return parseCommand(document, entry, [...commandFields.keys(), ...definitions.keys(), "time", "together"]);
}

/** Reads one line of `when`: a command. `time: <instant>` is short for pass-time. */
export function parseWhen(document: ScenarioDocument, node: Node, line: number): CommandLine {
  return parseCommand(document, onlyEntry(document, node, line, "when"), [...commandFields.keys(), "time"]);
}

/** Reads one line of `then`: an event, a refusal, or nothing. */
export function parseThen(document: ScenarioDocument, node: Node, line: number): ExpectedLine {
  if (isScalar(node) && node.value === "nothing") return { kind: "nothing", line: document.lineOf(node, line) };
  const entry = onlyEntry(document, node, line, "then");
  if (entry.key === "refused") return parseRefused(document, entry);
  if (isEvent(entry.key)) return parseEvent(document, entry);
  const known = [...definitions.keys(), "refused", "nothing"];
  throw new ScenarioFault(entry.line, `No event is named ${entry.key}. ${wordsInstead(entry.key, known)}`);
}

function parseRefused(document: ScenarioDocument, entry: Entry): ExpectedLine {
  const written = isMap(entry.value)
    ? document.entriesOf(entry.value, entry.line, "refused")
    : [{ key: "code", line: entry.line, value: entry.value }];
  let code: RefusalCode | null = null;
  let field: string | null = null;
  for (const { key, line, value } of written) {
    const word = String(document.valueOf(value));
    if (key === "code" && isRefusal(word)) code = word;
    else if (key === "code") {
      throw new ScenarioFault(line, `No refusal has the code ${word}. ${wordsInstead(word, Object.keys(refusals))}`);
    } else if (key === "field") field = word;
    else throw new ScenarioFault(line, `refused has no ${key}. ${wordsInstead(key, ["code", "field"])}`);
  }
  if (code === null) throw new ScenarioFault(entry.line, "refused needs a code, like { code: illegal-transition }.");
  return { kind: "refused", line: entry.line, code, field };
}

function isRefusal(word: string): word is RefusalCode {
  return Object.hasOwn(refusals, word);
}

function parseEvent(document: ScenarioDocument, entry: Entry): EventLine {
  if (!isEvent(entry.key)) {
    throw new ScenarioFault(
      entry.line,
      `No event is named ${entry.key}. ${wordsInstead(entry.key, definitions.keys())}`,
    );
  }
  const { fields, at, actor, because } = readFields(document, entry, fieldsOfEvent(entry.key), true);
  return { kind: "event", line: entry.line, type: entry.key, fields, at, actor, because };
}

function parseCommand(document: ScenarioDocument, entry: Entry, known: readonly string[]): CommandLine {
  if (entry.key === "time") {
    const at = instantOf(document.valueOf(entry.value), entry.line, "time");
    return { kind: "command", line: entry.line, command: "pass-time", fields: {}, at, actor: null };
  }
  const schemas = commandFields.get(entry.key);
  if (!isCommand(entry.key) || schemas === undefined) {
    throw new ScenarioFault(entry.line, `No command is named ${entry.key}. ${wordsInstead(entry.key, known)}`);
  }
  const { fields, at, actor } = readFields(document, entry, schemas, false);
  if (Object.hasOwn(schemas, "incident") && entry.key !== "report" && fields.incident === undefined) {
    throw new ScenarioFault(entry.line, `${entry.key} must say which incident, like { incident: outage }.`);
  }
  return { kind: "command", line: entry.line, command: entry.key, fields, at, actor };
}

interface ReadFields {
  readonly fields: Fields;
  readonly at: string | null;
  readonly actor: string | null;
  readonly because: string | number | null;
}

/** Reads what stands behind an event's or a command's name. Every line may have `at` and `actor`. */
function readFields(document: ScenarioDocument, entry: Entry, schemas: TProperties, isEventLine: boolean): ReadFields {
  const fields: Record<string, unknown> = {};
  let at: string | null = null;
  let actor: string | null = null;
  let because: string | number | null = null;
  for (const { key, line, value: node } of document.entriesOf(entry.value, entry.line, entry.key)) {
    const value = document.valueOf(node);
    const what = `${key} of ${entry.key}`;
    const schema = schemas[key];
    if (key === "at") at = instantOf(value, line, what);
    else if (key === "actor") actor = String(value);
    else if (key === "because" && isEventLine) because = typeof value === "number" ? value : String(value);
    else if (schema === undefined) {
      const known = [...Object.keys(schemas), "at", "actor", ...(isEventLine ? ["because"] : [])];
      throw new ScenarioFault(line, `${entry.key} has no field ${key}. ${wordsInstead(key, new Set(known))}`);
    } else if (standsForIncident(key)) fields[key] = incidentReference(value, line, what);
    else fields[key] = fieldValue(value, schema, line, what);
  }
  return { fields, at, actor, because };
}

/** A line is a mapping of one entry: its name, and behind it the fields. */
function onlyEntry(document: ScenarioDocument, node: Node, line: number, part: string): Entry {
  const own = document.lineOf(node, line);
  const [entry, another] = document.entriesOf(node, own, `A line of ${part}`);
  if (entry === undefined || another !== undefined) {
    throw new ScenarioFault(own, `A line of ${part} must name one thing, like "- resolve: { incident: outage }".`);
  }
  return entry;
}
