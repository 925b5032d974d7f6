/** What the scrub's thread is started with. */
export interface ScrubWorkerData extends ScrubLimits {
  readonly ledger_file: string;
}

/** How fast the scrub goes. */
export interface ScrubLimits {
  readonly scrub_page_events: number;
  readonly scrub_page_pause_ms: number;
  readonly scrub_pass_pause_ms: number;
}

/** What the thread tells after each page. */
export interface ScrubReport {
  /** How far this pass is. */
  readonly position: number;
  /** How many faults it has found. */
  readonly faults: number;
  /** The first of them, as a sentence. */
  readonly first: string | null;
  /** Whether the pass is at its end. */
  readonly is_end: boolean;
}
