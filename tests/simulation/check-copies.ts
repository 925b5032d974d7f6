import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import { incidentOfStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import { type BoardState, boardFromState, boardState } from "../../projections/board-state.ts";
import { type HeldTexts, noteHeldText } from "../../projections/held-texts.ts";
import { type Incident, isOpen } from "../../projections/incident.ts";
import { foldIncident } from "../../projections/incident-fold.ts";
import type { CommandContext } from "../../src/rules/commands.ts";
import { decideCommit } from "../../src/rules/commit.ts";
import type { NewFact } from "../../src/rules/new-event.ts";
import { foldEvent, type Rules } from "../../src/rules/rules.ts";

/**
 * What else knows the ledger: a board folded from the first event on, a board that re-derives every decision from the
 * facts, and each incident's own stream. All must agree with the live board.
 */
export class Copies {
  readonly #rules: Rules;
  readonly #folded = new Board();
  readonly #audited = new Board();
  readonly #streams = new Map<number, RecordedEvent[]>();
  readonly #incidents = new Map<number, Incident | null>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Follows a commit as it would be read from the ledger. Every decision must follow again from the facts. */
  follow(events: readonly RecordedEvent[], context: CommandContext): void {
    const recorded = JSON.parse(JSON.stringify(events)) as RecordedEvent[];
    this.#audit(recorded, context);
    for (const event of recorded) {
      foldEvent(this.#folded, event);
      const number = incidentOfStream(event.stream);
      if (number === null) continue;
      const stream = this.#streams.get(number);
      if (stream === undefined) this.#streams.set(number, [event]);
      else stream.push(event);
      const after = foldIncident(this.incident(number), event);
      this.#incidents.set(number, after);
      if (event.type === "incident.reopened") {
        deepStrictEqual(foldIncident(null, event), after, "a reopened incident needs its older events");
      }
    }
    this.#folded.beside.clear();
  }

  /** The incident as the fold of its own events; null: nobody reported it. */
  incident(number: number): Incident | null {
    return this.#incidents.get(number) ?? null;
  }

  /** Which of its events have a text. */
  heldTexts(number: number): HeldTexts {
    const texts: HeldTexts = new Map();
    for (const event of this.#streams.get(number) ?? []) noteHeldText(texts, event);
    return texts;
  }

  /** Each of these incidents must be as its own events make it, on the board or beside it. */
  checkIncidents(board: Board, numbers: ReadonlySet<number>): void {
    for (const number of numbers) {
      const incident = this.incident(number);
      if (incident !== null && !isOpen(incident.status) && board.incident(number) === undefined) continue;
      deepStrictEqual(board.incident(number), incident, `incident ${number} is not its own events' fold`);
    }
  }

  /** The live board must be what a fold from the start gives, and the audit's; returns its state as a snapshot holds it. */
  checkStates(board: Board): BoardState {
    const state = boardState(board);
    const snapshot = JSON.parse(JSON.stringify(state)) as BoardState;
    for (const [number, stream] of this.#streams) {
      const again = stream.reduce<Incident | null>((before, event) => foldIncident(before, event), null);
      deepStrictEqual(again, this.incident(number), `incident ${number} folds otherwise the second time`);
    }
    deepStrictEqual(snapshot, state, "the state is not plain JSON");
    deepStrictEqual(boardState(this.#folded), state, "the fold from the start differs from the live board");
    deepStrictEqual(boardState(this.#audited), state, "the audit's board differs from the live one");
    deepStrictEqual(boardState(boardFromState(snapshot)), state, "a board does not come back whole from its snapshot");
    return snapshot;
  }

  #audit(recorded: readonly RecordedEvent[], context: CommandContext): void {
    const facts = recorded.filter(({ type }) => !isDecision(type));
    for (const { stream } of facts) {
      const number = incidentOfStream(stream);
      const incident = number === null || this.#audited.incidents.has(number) ? null : this.incident(number);
      if (number !== null && incident !== null) this.#audited.beside.set(number, incident);
    }
    const derived = decideCommit(this.#audited, this.#rules, context, facts.map(asNewFact));
    strictEqual(derived.length, recorded.length, "the audit decides otherwise");
    deepStrictEqual(JSON.parse(JSON.stringify(derived)), recorded, "the audit decides otherwise");
    this.#audited.beside.clear();
  }
}

function asNewFact({ type, stream, data, text }: RecordedEvent): NewFact {
  return { type, stream, data, ...(text === null ? {} : { text }) } as unknown as NewFact;
}
