import type { Because, RecordedEvent } from "../../events/recorded-event.ts";
import type { DataOf, DecisionName, FactName, TextOf } from "../../events/registry.ts";
import { handlerStream, incidentStream, keyStream, ledgerStream, teamStream, userStream } from "../../events/stream.ts";

/** A fact that a command would record. */
export type NewFact<Name extends FactName = FactName> = {
  [N in Name]: { readonly type: N; readonly stream: string; readonly data: DataOf<N>; readonly text?: TextOf<N> };
}[Name];

/** A decision about one incident, on its way into the commit at hand. */
export type NewDecision<Name extends DecisionName = DecisionName> = {
  [N in Name]: {
    readonly type: N;
    readonly number: number;
    readonly data: DataOf<N>;
    readonly because: Because;
  };
}[Name];

/** Records a decision and folds it into the board at once. */
export type Decide = (decision: NewDecision) => RecordedEvent;

type FactOf<Prefix extends string> = Extract<FactName, `${Prefix}.${string}`>;

/** A fact in an incident's stream. */
export function incidentFact<Name extends FactOf<"incident">>(
  number: number,
  type: Name,
  data: DataOf<Name>,
  text?: TextOf<Name>,
): NewFact {
  return { type, stream: incidentStream(number), data, ...(text === undefined ? {} : { text }) } as unknown as NewFact;
}

/** A fact in a handler's stream. */
export function handlerFact<Name extends FactOf<"handler">>(
  handler: string,
  type: Name,
  data: DataOf<Name>,
  text?: TextOf<Name>,
): NewFact {
  return { type, stream: handlerStream(handler), data, ...(text === undefined ? {} : { text }) } as unknown as NewFact;
}

/** A fact in a team's stream. */
export function teamFact<Name extends FactOf<"team">>(
  team: string,
  type: Name,
  data: DataOf<Name>,
  text?: TextOf<Name>,
): NewFact {
  return { type, stream: teamStream(team), data, ...(text === undefined ? {} : { text }) } as unknown as NewFact;
}

/** A fact in a user's stream. */
export function userFact<Name extends FactOf<"user">>(user: number, type: Name, data: DataOf<Name>): NewFact {
  return { type, stream: userStream(user), data } as unknown as NewFact;
}

/** A fact in a key's stream. */
export function keyFact<Name extends FactOf<"key">>(key: number, type: Name, data: DataOf<Name>): NewFact {
  return { type, stream: keyStream(key), data } as unknown as NewFact;
}

/** The fact that erases the text of a handler's event, in the same transaction. */
export function handlerErasureFact(handler: string, erased: number): NewFact {
  return { type: "text.erased", stream: handlerStream(handler), data: { erased } };
}

/** The fact that erases the text of an incident's event, in the same transaction. */
export function erasureFact(number: number, erased: number, text?: TextOf<"text.erased">): NewFact {
  const fact = { type: "text.erased", stream: incidentStream(number), data: { erased, incident: number } } as const;
  return text === undefined ? fact : { ...fact, text };
}

/** A fact about the ledger as a whole. */
export function ledgerFact<Name extends FactOf<"ledger" | "rules" | "time">>(type: Name, data: DataOf<Name>): NewFact {
  return { type, stream: ledgerStream, data } as unknown as NewFact;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without its undefined fields. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: Present<T> = {};
  for (const key of Object.keys(fields) as (keyof T)[]) {
    const value = fields[key];
    if (value !== undefined) kept[key] = value as Exclude<T[keyof T], undefined>;
  }
  return kept;
}

/** The texts that are there, or undefined where there is none. */
export function textOf<T extends object>(fields: T): Present<T> | undefined {
  const kept = present(fields);
  return Object.keys(kept).length === 0 ? undefined : kept;
}
