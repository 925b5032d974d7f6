import type { Command } from "../../src/rules/commands.ts";
import type { NewFact } from "../../src/rules/new-event.ts";
import { mustEqual } from "./must-equal.ts";

/** Whatever people wrote in a command stands in its facts, once. */
export function checkTexts(command: Command, facts: readonly NewFact[]): void {
  const recorded = facts.flatMap((fact) => Object.entries(fact.text ?? {}));
  mustEqual(recorded.sort(byName), textsOf(command).sort(byName), "the texts recorded");
}

function textsOf(command: Command): [string, unknown][] {
  switch (command.kind) {
    case "report":
      return given({ title: command.title });
    case "comment":
      return given({ text: command.text });
    case "update":
      return given({ title: command.title, resolution: command.resolution });
    case "dismiss":
    case "redact":
      return given({ reason: command.reason });
    case "add-handler":
    case "change-handler":
      return given({ name: command.name });
    default:
      return [];
  }
}

function given(texts: Readonly<Record<string, string | undefined>>): [string, unknown][] {
  return Object.entries(texts).filter(([, text]) => text !== undefined);
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
