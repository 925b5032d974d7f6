import type { Board } from "../../projections/board.ts";
import type { Erasure } from "./chain-walk.ts";
import type { Fault } from "./fault.ts";

/** What to audit, and what to compare it with. */
export interface AuditOptions {
  /** Only as far as the commit that holds this position. */
  readonly until_position?: number;
  /** Only commits of this instant or before. */
  readonly until_time?: string;
  /** A head that was noted elsewhere. */
  readonly noted_head?: NotedHead;
  /** Boards that were folded before, and must equal the one that is folded here. */
  readonly boards?: readonly BoardCheck[];
  /** Called now and then with the last position that was audited and the last one that will be. */
  readonly onProgress?: (position: number, last: number) => void;
}

/** The hash that a position had when somebody wrote it down, 64 hex digits. */
export interface NotedHead {
  readonly position: number;
  readonly hash: string;
}

/** Something to compare with the board as of a position, the end of a commit. */
export interface BoardCheck {
  readonly position: number;
  /** What is wrong, without a full stop, or null. `hash`: the one recorded there, 64 hex digits. */
  readonly compare: (board: Board, hash: string) => string | null;
}

/** What an audit found. */
export interface Audit {
  /** Where it ended, and the hash recorded there: to be noted elsewhere. */
  readonly position: number;
  readonly hash: string;
  readonly ledger_id: string;
  readonly events: number;
  readonly commits: number;
  /** Decisions that were made again and came out as recorded. */
  readonly decisions: number;
  /** Commits whose rules this build does not know, by rules number. */
  readonly not_checkable: readonly { readonly rules: number; readonly commits: number }[];
  /** Texts that were erased, each with the event that says so. */
  readonly erased: readonly Erasure[];
  readonly fault_count: number;
  /** The first faults by position. */
  readonly faults: readonly Fault[];
  /** What else is worth knowing; nothing that is wrong. */
  readonly notes: readonly string[];
  /** The fold of what was audited; null where it could not be folded to its end. */
  readonly board: Board | null;
}
