import type { Ledger } from "../ledger/ledger.ts";
import { UnreadableEvent } from "../ledger/ledger-errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { storedOutcome } from "./stored-outcome.ts";
import type { Outcome, Submission } from "./submission.ts";

/** A command that waits for its turn, and those to tell. */
export interface Waiting {
  readonly submission: Submission;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** Since when it waits, on the monotonic clock. */
  readonly since_ms: number;
  /** Whether its caller has been told something: then it is never tried again. */
  is_told: boolean;
}

/** What became of a command that waited. */
export interface Answer {
  readonly waiting: Waiting;
  readonly outcome: Outcome;
}

/** A batch, sorted out. */
export interface SortedOut {
  /** Answered before, under the same id or key. */
  readonly answers: readonly Answer[];
  readonly toDecide: readonly Waiting[];
  /** Their like is in this batch; they are looked at again when that is written. */
  readonly putOff: readonly Waiting[];
}

/**
 * Finds what was answered before, and puts off what has its like in this batch. Where the ledger holds an event that
 * cannot be read, only who needs it hears of it.
 */
export async function sortOut(
  batch: readonly Waiting[],
  ledger: Ledger,
  runtime: Pick<Runtime, "now">,
): Promise<SortedOut> {
  const seen = new Set<string>();
  const answers: Answer[] = [];
  const toDecide: Waiting[] = [];
  const putOff: Waiting[] = [];
  for (const waiting of batch) {
    const marks = marksOf(waiting.submission);
    if (marks.some((mark) => seen.has(mark))) {
      putOff.push(waiting);
      continue;
    }
    for (const mark of marks) seen.add(mark);
    if (marks.length === 0) {
      toDecide.push(waiting);
      continue;
    }
    await unlessUnreadable(waiting, async () => {
      const outcome = await storedOutcome(ledger, waiting.submission, runtime.now());
      if (outcome === null) toDecide.push(waiting);
      else answers.push({ waiting, outcome });
    });
  }
  return { answers, toDecide, putOff };
}

/**
 * Does something for one command alone. An event that cannot be read is that command's failure, not the storage's: it is
 * rejected with it, and the result is false.
 */
export async function unlessUnreadable(waiting: Waiting, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    waiting.is_told = true;
    waiting.reject(error);
    return false;
  }
}

/** By what a submission would be known again. */
function marksOf({ command_id, idempotency }: Submission): string[] {
  const marks = command_id === undefined ? [] : [command_id];
  return idempotency === undefined ? marks : [...marks, `${idempotency.scope} ${idempotency.key}`];
}
