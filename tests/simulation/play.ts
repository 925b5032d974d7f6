import { deepStrictEqual, fail, ok, strictEqual } from "node:assert/strict";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import { boardFromState, boardState } from "../../projections/board-state.ts";
import { defaultTeamRules } from "../../projections/team.ts";
import type { Command, CommandContext } from "../../src/rules/commands.ts";
import { decideCommit } from "../../src/rules/commit.ts";
import { handlerFact, ledgerFact, type NewFact, teamFact } from "../../src/rules/new-event.ts";
import { latestRules, type Rules, rulesOf } from "../../src/rules/rules.ts";
import { checkBoard } from "./check-board.ts";
import { checkCommit } from "./check-commit.ts";
import { Copies } from "./check-copies.ts";
import { checkTexts } from "./check-texts.ts";
import { Choices } from "./choices.ts";
import { chooseMove } from "./choose-command.ts";
import { chooseRules } from "./choose-people.ts";
import type { Hits } from "./hits.ts";
import { handlerNames } from "./names.ts";
import { noteFacts, noteNothing } from "./note-facts.ts";
import { expectedOf } from "./reference-accept.ts";
import { ReferenceDesk } from "./reference-desk.ts";
import type { ExpectedFact } from "./reference-lookup.ts";

const start_ms = Date.parse("2026-01-05T08:00:00.000Z");
const actor = "admin";

/** Who follows a run: its story line by line, and its commits. */
export interface Audience {
  readonly tell?: (line: string) => void;
  readonly hear?: (events: readonly RecordedEvent[]) => void;
}

/** Plays a list of moves from an empty ledger on. Throws at the first thing that does not hold. */
export function play(moves: readonly number[], hits: Hits, audience: Audience = {}): void {
  const [first = 0, ...rest] = moves;
  const run = new Run(hits, audience);
  run.open(new Choices(first));
  for (const move of rest) run.move(new Choices(move));
  run.finish();
}

class Run {
  readonly #hits: Hits;
  readonly #audience: Audience;
  readonly #rules: Rules;
  readonly #reference = new ReferenceDesk();
  readonly #copies: Copies;
  #board = new Board();
  #now_ms = start_ms;
  #commands = 0;

  constructor(hits: Hits, audience: Audience) {
    this.#hits = hits;
    this.#audience = audience;
    this.#rules = rulesOf(latestRules) ?? fail("this build has no rules");
    this.#copies = new Copies(this.#rules);
  }

  open(choices: Choices): void {
    const rules = { ...defaultTeamRules, ...chooseRules(choices) };
    const handlers = handlerNames.slice(0, choices.below(4));
    this.#commit(this.#context(actor), [
      ledgerFact("ledger.opened", { ledger_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11", rules: latestRules }),
      teamFact("default", "team.created", { team: "default", rules }),
      ...handlers.map((handler) => {
        const capacity = 1 + choices.below(3);
        return handlerFact(handler, "handler.joined", { handler, team: "default", capacity });
      }),
    ]);
  }

  move(choices: Choices): void {
    if (choices.percent(3)) this.#restart();
    if (choices.percent(60)) this.#board.clearBeside();
    const { delay_ms, command } = chooseMove(choices, this.#reference);
    this.#now_ms += delay_ms;
    this.#doWhatIsDue();
    this.#submit(command(new Date(this.#now_ms).toISOString()), choices.percent(8));
  }

  /** What must hold at the end of every run. */
  finish(): void {
    this.#restart();
  }

  /** What is overdue is done in commits of its own before the command, as the desk does it. */
  #doWhatIsDue(): void {
    const context = this.#context("clock");
    for (let due = this.#board.nextDue(); due !== undefined && due.at <= context.at; due = this.#board.nextDue()) {
      const decided = this.#decide({ kind: "pass-time", at: context.at }, context);
      strictEqual(decided, "written", "something is due, but passing the time changes nothing");
    }
  }

  #submit(command: Command, isWatched: boolean): void {
    const context = this.#context(actor);
    this.#layBeside(command);
    const state = isWatched ? JSON.stringify(boardState(this.#board)) : null;
    const status = "incident" in command ? this.#reference.incidents.get(command.incident)?.status : undefined;
    const outcome = this.#decide(command, context);
    this.#hits.commands += 1;
    if (outcome === "refused") this.#hits.refused += 1;
    if (outcome === "unchanged") this.#hits.unchanged += 1;
    if (status !== undefined) this.#hits.cell(status, command.kind, outcome);
    if (outcome === "written" || state === null) return;
    strictEqual(JSON.stringify(boardState(this.#board)), state, `a command that was ${outcome} changed the board`);
  }

  #decide(command: Command, context: CommandContext): "written" | "unchanged" | "refused" {
    const expected = expectedOf(this.#reference, command, context.at, context.actor);
    this.#audience.tell?.(`${context.at} ${JSON.stringify(command)}`);
    const accepted = this.#rules.accept(this.#board, command, context);
    strictEqual(this.#board.position, this.#reference.position, "accept moved the board");
    if ("refusal" in accepted) {
      const { code, detail } = accepted.refusal;
      this.#audience.tell?.(`    refused: ${code}`);
      deepStrictEqual({ refused: code }, expected, "another outcome");
      ok(detail.length > 10 && detail.endsWith("."), "a refusal says in a sentence what to do");
      noteNothing(this.#reference, command, code, this.#hits);
      return "refused";
    }
    if ("refused" in expected) fail(`it should have been refused: ${expected.refused}`);
    if (accepted.facts.length === 0) {
      deepStrictEqual(expected.facts, [], "it should have changed something");
      noteNothing(this.#reference, command, null, this.#hits);
      return "unchanged";
    }
    checkTexts(command, accepted.facts);
    noteFacts(this.#reference, command, expected.facts, context.at, this.#hits);
    this.#commit(context, accepted.facts, expected.facts);
    return "written";
  }

  #commit(context: CommandContext, facts: readonly NewFact[], expected?: readonly ExpectedFact[]): void {
    const events: readonly RecordedEvent[] = decideCommit(this.#board, this.#rules, context, facts);
    const { tell } = this.#audience;
    if (tell) for (const { type, stream, data } of events) tell(`    ${type} ${stream} ${JSON.stringify(data)}`);
    this.#audience.hear?.(events);
    const wanted = expected ?? (facts as readonly ExpectedFact[]);
    checkCommit(this.#reference, events, wanted, context, this.#hits);
    const changed = new Set(events.flatMap(({ stream }) => incidentOfStream(stream) ?? []));
    checkBoard(this.#board, this.#reference, changed);
    this.#copies.follow(events, context);
    this.#copies.checkIncidents(this.#board, changed);
    const waiting = this.#board.queueOf("default").size;
    if (waiting > this.#hits.longest_queue) this.#hits.longest_queue = waiting;
  }

  /** Lays the incidents that a command names and that are not open beside the board, as the desk does. */
  #layBeside(command: Command): void {
    const named = "incident" in command ? [command.incident] : [];
    if (command.kind === "merge") named.push(command.into);
    for (const number of named) {
      const incident = this.#board.incident(number) === undefined ? this.#copies.incident(number) : null;
      if (incident !== null) this.#board.beside.set(number, incident);
    }
    // For other commands than an erasure, too: what they add to the texts must be seen by one that comes next.
    if (!("incident" in command) || this.#board.held_texts.has(command.incident)) return;
    this.#board.held_texts.set(command.incident, this.#copies.heldTexts(command.incident));
  }

  /** Compares all boards, and goes on with one that came from a snapshot. */
  #restart(): void {
    this.#board = boardFromState(this.#copies.checkStates(this.#board));
    checkBoard(this.#board, this.#reference);
  }

  #context(who: string): CommandContext {
    this.#commands += 1;
    return { command_id: `command-${this.#commands}`, actor: who, at: new Date(this.#now_ms).toISOString() };
  }
}
