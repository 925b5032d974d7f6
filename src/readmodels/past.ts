import type { Alternatives } from "../../projections/alternatives.ts";
import type { IncidentTexts } from "../../projections/incident-texts.ts";
import type { AnswerOf, BoardQuestions, QueryOf } from "./board-questions.ts";

/** Answers questions about how things were. Positions are ends of commits, at or before the ledger's head. */
export interface Past {
  /** Puts a question to the board as it was at a position. */
  board<Name extends keyof BoardQuestions>(
    position: number,
    question: Name,
    query: QueryOf<Name>,
  ): Promise<AnswerOf<Name>>;

  /** The texts of incidents as they were at a position, without what has been erased since, in the order asked for. */
  texts(position: number, numbers: readonly number[]): Promise<readonly IncidentTexts[]>;

  /** Between whom the decisions at these positions chose, in the order asked for; null for those that choose nobody. */
  alternatives(positions: readonly number[]): Promise<readonly (Alternatives | null)[]>;

  /** Ends what is under way: whoever still waits is told so with `PastUnavailable`. */
  close(): Promise<void>;
}

/** Why the past cannot be asked: too many ask already; the thread that answers has failed; the service is stopping. */
export type PastUnavailableReason = "busy" | "failing" | "closed";

const sentences: Readonly<Record<PastUnavailableReason, string>> = {
  busy: "Too many questions about the past wait already; try again in a moment.",
  failing: "The past could not be read; try again in a moment.",
  closed: "The service is stopping; try again in a moment.",
};

/** Thrown where a question about the past is not answered. The present is not affected. */
export class PastUnavailable extends Error {
  readonly reason: PastUnavailableReason;
  /** After how many seconds it is worth trying again. */
  readonly retry_after_seconds: number;
  constructor(reason: PastUnavailableReason) {
    super(sentences[reason]);
    this.name = "PastUnavailable";
    this.reason = reason;
    this.retry_after_seconds = reason === "busy" ? 2 : 5;
  }
}
