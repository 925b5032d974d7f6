import { setImmediate as pause } from "node:timers/promises";
import { type Alternatives, alternativesOf } from "../../projections/alternatives.ts";
import { type IncidentTexts, noTexts } from "../../projections/incident-texts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type AnswerOf, askBoard, type BoardQuestions, type QueryOf } from "./board-questions.ts";
import { foldListedAnew } from "./listed-anew.ts";
import type { Past } from "./past.ts";
import { PastBoards, type PastBoardsOptions } from "./past-boards.ts";

/** After so many incidents others of the thread have a turn. */
const between_pauses = 20;

/** Answers questions about the past in the calling thread: what the thread of its own runs, and tests and the command line. */
export class PastInProcess implements Past {
  readonly #ledger: Ledger;
  readonly #boards: PastBoards;

  constructor(options: PastBoardsOptions) {
    this.#ledger = options.ledger;
    this.#boards = new PastBoards(options);
  }

  async board<Name extends keyof BoardQuestions>(
    position: number,
    question: Name,
    query: QueryOf<Name>,
  ): Promise<AnswerOf<Name>> {
    return askBoard(await this.#boards.at(position), question, query);
  }

  async texts(position: number, numbers: readonly number[]): Promise<readonly IncidentTexts[]> {
    const all: IncidentTexts[] = [];
    for (const number of numbers) {
      const listed = await foldListedAnew(this.#ledger, number, position);
      if (all.push(listed?.texts ?? noTexts) % between_pauses === 0) await pause();
    }
    return all;
  }

  async alternatives(positions: readonly number[]): Promise<readonly (Alternatives | null)[]> {
    const found = new Map<number, Alternatives | null>();
    // From the oldest on, each fold goes on where the one before it ended.
    for (const position of [...positions].sort((a, b) => a - b)) {
      const [event] = await this.#ledger.read({ after: position - 1, limit: 1 });
      if (event === undefined) throw new Error(`The ledger has no event at position ${position}; run verify.`);
      found.set(position, alternativesOf(await this.#boards.before(event), event));
    }
    return positions.map((position) => found.get(position) ?? null);
  }

  async close(): Promise<void> {}
}
