/**
 * Why a command was refused. A value, never an exception; the edges turn it into their own terms.
 * `invalid`: it makes no sense whatever the board says. `missing`: what it addresses does not exist.
 * `forbidden`: whoever asks may not do it. `conflict`: the rules forbid it as things stand. `stale`: things have moved since the caller looked.
 */
export const refusals = {
  forbidden: "forbidden",
  "incident-not-found": "missing",
  "handler-not-found": "missing",
  "team-not-found": "missing",
  "user-not-found": "missing",
  "key-not-found": "missing",
  "unknown-incident": "invalid",
  "unknown-handler": "invalid",
  "unknown-team": "invalid",
  "unknown-text": "invalid",
  contradiction: "invalid",
  "timestamp-in-the-future": "invalid",
  "until-not-in-the-future": "invalid",
  "until-too-far": "invalid",
  "version-mismatch": "stale",
  "illegal-transition": "conflict",
  "not-higher": "conflict",
  "handler-unavailable": "conflict",
  "handler-in-another-team": "conflict",
  "handler-exists": "conflict",
  "handler-has-left": "conflict",
  "team-exists": "conflict",
  "user-exists": "conflict",
  "key-revoked": "conflict",
  "key-rotating": "conflict",
  "user-inactive": "conflict",
  "handler-taken": "conflict",
  "dedup-key-open": "conflict",
  "merge-into-itself": "conflict",
  "merge-target-not-open": "conflict",
  "merge-across-teams": "conflict",
} as const;

/** The code of a refusal: stable, for programs. */
export type RefusalCode = keyof typeof refusals;

/** A refusal: its code for programs, its sentence for people. */
export interface Refusal {
  readonly code: RefusalCode;
  /** A sentence: what is wrong, and what would be allowed. */
  readonly detail: string;
  /** The command's field that is at fault, where there is one. */
  readonly field?: string;
}
