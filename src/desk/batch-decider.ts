import type { Board } from "../../projections/board.ts";
import type { Commit } from "../ledger/ledger.ts";
import { decide, decideWhatIsDue, isDue } from "./deciding.ts";
import type { Answer, Waiting } from "./repeats.ts";

/** What came of a batch, before any of it is written. */
export interface Decided {
  readonly decided: readonly Answer[];
  readonly commits: readonly Commit[];
  /** They have to wait for more that is due. */
  readonly left: readonly Waiting[];
}

/** Nothing was written, and the storage is not to blame: one of the batch cannot be decided. */
export class UndecidableBatch extends Error {
  constructor(cause: unknown) {
    super("a batch could not be decided", { cause });
    this.name = "UndecidableBatch";
  }
}

/** How many commits of due work one transaction holds: others shall not wait for a whole standstill's. */
const most_due_commits = 2;

/** Decides the commands of one batch after another on the board, each after what is due before it. */
export class BatchDecider {
  readonly #newId: () => string;
  /** The time up to which what is due is being done, where that takes several transactions. */
  #overdue_until: string | null = null;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Decides what is due and then each command; `now` tells desk time. Throws `UndecidableBatch` where the code cannot. */
  decideAll(board: Board, batch: readonly Waiting[], now: () => string): Decided {
    const decided: Answer[] = [];
    const commits: Commit[] = [];
    try {
      for (const [index, waiting] of batch.entries()) {
        const at = now();
        const until = this.#overdue_until ?? at;
        commits.push(...decideWhatIsDue(board, { until, at, most_commits: most_due_commits }, this.#newId));
        this.#overdue_until = isDue(board, until) ? until : null;
        if (this.#overdue_until !== null || isDue(board, at)) return { decided, commits, left: batch.slice(index) };
        const { submission } = waiting;
        const context = { command_id: submission.command_id ?? this.#newId(), actor: submission.actor, at };
        const { outcome, commit } = decide(board, submission, context);
        if (commit !== null) commits.push(commit);
        decided.push({ waiting, outcome });
      }
    } catch (error) {
      throw new UndecidableBatch(error);
    }
    return { decided, commits, left: [] };
  }
}
