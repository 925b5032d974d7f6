import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream, ledgerStream, teamStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import { type HeldTexts, noteHeldText } from "../../projections/held-texts.ts";
import type { Incident } from "../../projections/incident.ts";
import { foldIncident } from "../../projections/incident-fold.ts";
import { defaultTeamRules } from "../../projections/team.ts";
import type { Command } from "../rules/commands.ts";
import { decideCommit } from "../rules/commit.ts";
import type { NewFact } from "../rules/new-event.ts";
import type { Refusal } from "../rules/refusal.ts";
import { latestRules, type Rules, rulesOf } from "../rules/rules.ts";

/** What came of a command: events, or a refusal, or nothing to do. */
export type Happening =
  | { readonly kind: "event"; readonly event: RecordedEvent }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly at: string }
  | { readonly kind: "nothing"; readonly at: string };

/**
 * A desk in memory: the board and the rules as the service runs them, and nothing else. Ids are made by counting, time
 * comes from the scenario. As at the real desk, whatever is due happens before a command does.
 */
export class ScenarioDesk {
  readonly board = new Board();
  readonly rules: Rules;
  readonly #log: RecordedEvent[] = [];
  readonly #coming: RecordedEvent[] = [];
  #commands = 0;
  #ids = 0;

  /** Opens a board at an instant: its first commit is the ledger's opening and the team `default`, without handlers. */
  constructor(at: string) {
    const rules = rulesOf(latestRules);
    if (rules === undefined) throw new Error(`There are no rules of number ${latestRules}.`);
    this.rules = rules;
    this.record(
      [
        { type: "ledger.opened", stream: ledgerStream, data: { ledger_id: this.newId(), rules: latestRules } },
        { type: "team.created", stream: teamStream("default"), data: { team: "default", rules: defaultTeamRules } },
      ],
      "system",
      at,
    );
  }

  /** All events so far, oldest first; the one at index i has position i + 1. */
  get log(): readonly RecordedEvent[] {
    return this.#log;
  }

  /** The next id, a UUID made by counting. */
  newId(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${String(this.#ids).padStart(12, "0")}`;
  }

  /** One incident as it is now, open or not: the fold of its own events, those included that are about to come. */
  incident(number: number): Incident | null {
    let incident: Incident | null = null;
    for (const event of [...this.#log, ...this.#coming]) {
      if (incidentOfStream(event.stream) === number) incident = foldIncident(incident, event);
    }
    return incident;
  }

  /** Whether something is due at or before an instant. */
  isDue(at: string): boolean {
    const due = this.board.nextDue();
    return due !== undefined && due.at <= at;
  }

  /** Shows a fact in `incident` already, until the next commit is recorded. */
  announce(fact: NewFact, at: string): void {
    const place = {
      position: 0,
      version: 0,
      schema_version: 1,
      recorded_at: at,
      actor: "",
      command_id: "",
      text: null,
    };
    const meta = { offset: 0, events: 1, rules: this.rules.number };
    this.#coming.push({ ...place, meta, type: fact.type, stream: fact.stream, data: fact.data } as RecordedEvent);
  }

  /** Records facts as one commit, with the decisions that follow from them. Nothing is refused. */
  record(facts: readonly NewFact[], actor: string, at: string): RecordedEvent[] {
    this.#coming.length = 0;
    this.#layBeside(facts.flatMap(({ stream }) => incidentOfStream(stream) ?? []));
    this.#commands += 1;
    const command_id = `00000000-0000-7000-9000-${String(this.#commands).padStart(12, "0")}`;
    const events = decideCommit(this.board, this.rules, { command_id, actor, at }, facts);
    this.#log.push(...events);
    return events;
  }

  /** Lets the time pass, one commit after another while something is due; without anything due nothing happens. */
  passTime(at: string, actor = "clock"): RecordedEvent[] {
    const events: RecordedEvent[] = [];
    while (this.isDue(at)) {
      const before = this.#log.length;
      for (const happening of this.#decide({ kind: "pass-time", at }, actor, at)) {
        if (happening.kind === "event") events.push(happening.event);
      }
      if (this.#log.length === before)
        throw new Error(`Something is due at ${at}, but passing the time changed nothing.`);
    }
    return events;
  }

  /** Decides one command, after whatever is due at or before its time. */
  submit(command: Command, actor: string, at: string): Happening[] {
    const due = this.passTime(at).map((event): Happening => ({ kind: "event", event }));
    if (command.kind === "pass-time") return due.length > 0 ? due : [{ kind: "nothing", at }];
    return [...due, ...this.#decide(command, actor, at)];
  }

  #decide(command: Command, actor: string, at: string): Happening[] {
    const named = [
      ...("incident" in command ? [command.incident] : []),
      ...(command.kind === "merge" ? [command.into] : []),
    ];
    this.#layBeside(named);
    const context = { command_id: "00000000-0000-7000-9000-000000000000", actor, at };
    const accepted = this.rules.accept(this.board, command, context);
    if ("refusal" in accepted) return [{ kind: "refused", refusal: accepted.refusal, at }];
    if (accepted.facts.length === 0) return [{ kind: "nothing", at }];
    return this.record(accepted.facts, actor, at).map((event) => ({ kind: "event", event }));
  }

  #heldTexts(number: number): HeldTexts {
    const texts: HeldTexts = new Map();
    for (const event of this.#log) if (incidentOfStream(event.stream) === number) noteHeldText(texts, event);
    return texts;
  }

  /** Lays those of the incidents beside the board that are not open, with their texts, and nothing else. */
  #layBeside(numbers: readonly number[]): void {
    this.board.clearBeside();
    for (const number of numbers) {
      if (this.board.incidents.has(number)) continue;
      const incident = this.incident(number);
      if (incident !== null) this.board.beside.set(number, incident);
    }
    for (const number of numbers) this.board.held_texts.set(number, this.#heldTexts(number));
  }
}
