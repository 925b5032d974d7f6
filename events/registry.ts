import type { EventDefinition, TextValue } from "./define-event.ts";
import * as handler from "./handler.ts";
import * as assignment from "./incident-assignment.ts";
import * as ending from "./incident-ending.ts";
import * as report from "./incident-report.ts";
import * as key from "./key.ts";
import * as ledger from "./ledger.ts";
import * as team from "./team.ts";
import * as time from "./time.ts";
import * as user from "./user.ts";

const families = { ...ledger, ...time, ...handler, ...report, ...assignment, ...ending, ...team, ...user, ...key };

type Exported = (typeof families)[keyof typeof families];

/** Every event that can be written today. Older versions are known to the upcasters alone. */
export type KnownDefinition = Extract<Exported, EventDefinition>;

/** The name of an event: data, persisted, never derived from code. */
export type EventName = KnownDefinition["name"];

type DefinitionOf<Name extends EventName> = Extract<KnownDefinition, { readonly name: Name }>;

/** What rules and folds may read of an event of this name. */
export type DataOf<Name extends EventName> = DefinitionOf<Name>["data"]["static"];

/** What people wrote in an event of this name; `never` where it has no text. */
export type TextOf<Name extends EventName> = TextValue<DefinitionOf<Name>["text"]>;

/** The names of the facts. */
export type FactName = Extract<KnownDefinition, { readonly kind: "fact" }>["name"];
/** The names of the decisions. No name is both. */
export type DecisionName = Extract<KnownDefinition, { readonly kind: "decision" }>["name"];

/** All definitions by name. */
export const definitions: ReadonlyMap<string, KnownDefinition> = new Map(
  Object.values(families)
    .filter((exported): exported is KnownDefinition => "kind" in exported && typeof exported.kind === "string")
    .map((definition) => [definition.name, definition]),
);

/** The definition of a known event. */
export function definitionOf(name: EventName): KnownDefinition {
  const definition = definitions.get(name);
  if (definition === undefined) throw new Error(`no event is named ${name}`);
  return definition;
}

/** Whether events of this name are decisions, which an auditor derives again from the facts. */
export function isDecision(name: EventName): name is DecisionName {
  return definitionOf(name).kind === "decision";
}
