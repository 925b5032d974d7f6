import type { EventName } from "../../events/registry.ts";
import type { Command } from "../rules/commands.ts";
import type { RefusalCode } from "../rules/refusal.ts";

/** Fields as they stand in the file: names stand for ids. */
export type Fields = Readonly<Record<string, unknown>>;

/** Something that happened, or is expected to have happened. */
export interface EventLine {
  readonly kind: "event";
  /** The line of the file, from 1. */
  readonly line: number;
  readonly type: EventName;
  readonly fields: Fields;
  /** An instant, where the line names one. */
  readonly at: string | null;
  readonly actor: string | null;
  readonly because: string | number | null;
}

/** Several facts of one commit. */
export interface TogetherLine {
  readonly kind: "together";
  readonly line: number;
  readonly events: readonly EventLine[];
}

/** A command of the desk. */
export interface CommandLine {
  readonly kind: "command";
  readonly line: number;
  readonly command: Command["kind"];
  readonly fields: Fields;
  readonly at: string | null;
  readonly actor: string | null;
}

/** A command that is expected to be refused. */
export interface RefusedLine {
  readonly kind: "refused";
  readonly line: number;
  readonly code: RefusalCode;
  readonly field: string | null;
}

/** A command that is expected to change nothing, since its goal holds already. */
export interface NothingLine {
  readonly kind: "nothing";
  readonly line: number;
}

/** A line of the past. */
export type GivenLine = EventLine | TogetherLine | CommandLine;
/** A line of what the commands must come to. */
export type ExpectedLine = EventLine | RefusedLine | NothingLine;

/** One value that a read model is expected to show. */
export interface ShownValue {
  readonly line: number;
  readonly value: unknown;
}

/** What the read models are expected to show when everything is done. */
export interface Shows {
  /** By team: its queue, names of incidents. */
  readonly queue: ReadonlyMap<string, ShownValue>;
  /** By handler: how many incidents they have. */
  readonly workload: ReadonlyMap<string, ShownValue>;
  /** By name of the incident, then by field. */
  readonly incidents: ReadonlyMap<string, ReadonlyMap<string, ShownValue>>;
  /** By handler, then by field. */
  readonly handlers: ReadonlyMap<string, ReadonlyMap<string, ShownValue>>;
}

/** One scenario: a past, some commands, and what the rules must make of them. */
export interface Scenario {
  readonly name: string;
  readonly line: number;
  readonly given: readonly GivenLine[];
  readonly when: readonly CommandLine[];
  readonly outcome: readonly ExpectedLine[];
  readonly shows: Shows;
}
