import type { BoardQuestions } from "./board-questions.ts";

/** What the thread that answers about the past is started with. */
export interface PastWorkerData {
  readonly data_dir: string;
  readonly ledger_file: string;
}

/** What the main thread asks of it: a member of `Past`, and what it is called with. */
export type PastRequest =
  | {
      readonly kind: "board";
      readonly position: number;
      readonly question: keyof BoardQuestions;
      readonly query: unknown;
    }
  | { readonly kind: "texts"; readonly position: number; readonly numbers: readonly number[] }
  | { readonly kind: "alternatives"; readonly positions: readonly number[] };

/** A request on its way, with the number under which it is answered. */
export interface PastOrder {
  readonly id: number;
  readonly request: PastRequest;
}

/** An answer, or why there is none. `damaged`: the event at that position cannot be read. */
export type PastReport = { readonly id: number } & (
  | { readonly answer: unknown }
  | { readonly damaged: number }
  | { readonly failure: string }
);
