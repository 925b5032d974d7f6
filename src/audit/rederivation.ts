import { isDeepStrictEqual } from "node:util";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import { incidentStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import type { NewDecision } from "../rules/new-event.ts";
import { foldEvent, type Rules, rulesOf } from "../rules/rules.ts";
import type { Fault } from "./fault.ts";

/** How many incidents that are not open may lie beside the board. Its decisions need none of them. */
const besides = 1000;

/**
 * Makes every decision again: folds a commit's facts, lets the rules that decided it settle, and compares what they
 * decide with what is recorded, event for event. Whatever comes out, the board goes on with what is recorded.
 */
export class Rederivation {
  /** The fold of all commits so far. */
  readonly board = new Board();
  #commits = 0;
  #decisions = 0;
  readonly #unknown = new Map<number, number>();

  /** How many commits there were, those of unknown rules left out. */
  get commits(): number {
    return this.#commits;
  }

  /** How many decisions were made again and came out as recorded. */
  get decisions(): number {
    return this.#decisions;
  }

  /** Rules that this build does not know, and how many commits they decided. */
  get unknown(): ReadonlyMap<number, number> {
    return this.#unknown;
  }

  /** Folds one whole commit and makes its decisions again; returns the first that does not follow, or null. */
  next(commit: readonly RecordedEvent[]): Fault | null {
    const number = commit[0]?.meta.rules ?? 0;
    const rules = rulesOf(number);
    if (this.board.beside.size > besides) this.board.beside.clear();
    if (rules === undefined) {
      this.#unknown.set(number, (this.#unknown.get(number) ?? 0) + 1);
      for (const event of commit) foldEvent(this.board, event);
      return null;
    }
    this.#commits += 1;
    return this.#settle(commit, rules);
  }

  #settle(commit: readonly RecordedEvent[], rules: Rules): Fault | null {
    const { board } = this;
    const last_position = commit.at(-1)?.position ?? 0;
    let next = 0;
    const fold = (event: RecordedEvent): RecordedEvent => {
      next += 1;
      rules.evolve(board, event);
      return event;
    };
    const fault = departureOf(last_position, () => {
      for (const event of commit) {
        if (isDecision(event.type)) break;
        fold(event);
      }
      rules.settle(board, (decision) => {
        const recorded = commit[next];
        if (recorded === undefined) throw new Departure(last_position, missing(decision));
        const difference = differenceOf(decision, recorded);
        if (difference !== null) throw new Departure(recorded.position, difference);
        this.#decisions += 1;
        return fold(recorded);
      });
      const extra = commit[next];
      if (extra !== undefined) throw new Departure(extra.position, `it does not follow: ${tooMuch(extra)}`);
    });
    const rest = departureOf(last_position, () => {
      for (const event of commit.slice(next)) fold(event);
    });
    return fault ?? rest;
  }
}

/** Thrown through the rules where they part from what is recorded. */
class Departure extends Error {
  readonly position: number;
  constructor(position: number, fault: string) {
    super(fault);
    this.position = position;
  }
}

function departureOf(position: number, settle: () => void): Fault | null {
  try {
    settle();
    return null;
  } catch (error) {
    if (error instanceof Departure) return { position: error.position, fault: error.message };
    const message = error instanceof Error ? error.message : String(error);
    return { position, fault: `the rules cannot settle its commit: ${message}` };
  }
}

/** How a decision differs from what is recorded in its place, or null. */
function differenceOf(decision: NewDecision, recorded: RecordedEvent): string | null {
  const { type, number, data, because } = decision;
  const isSame = type === recorded.type && incidentStream(number) === recorded.stream;
  if (!isSame || !isDeepStrictEqual(data, recorded.data)) {
    return `it does not follow: the rules decide ${told(decision)} here, recorded is ${toldRecorded(recorded)}`;
  }
  if (isDeepStrictEqual(because, recorded.meta.because)) return null;
  const found = JSON.stringify(recorded.meta.because ?? null);
  return `it does not follow from what it says: from ${JSON.stringify(because)}, recorded is ${found}`;
}

function missing(decision: NewDecision): string {
  return `a decision is missing after it: the rules decide ${told(decision)}`;
}

function tooMuch(event: RecordedEvent): string {
  return `the rules decide nothing more in this commit, recorded is ${toldRecorded(event)}`;
}

function told({ type, number, data }: NewDecision): string {
  return `${type} ${JSON.stringify(data)} of incident/${number}`;
}

function toldRecorded({ type, stream, data }: RecordedEvent): string {
  return `${type} ${JSON.stringify(data)} of ${stream}`;
}
