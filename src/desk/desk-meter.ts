import type { Command } from "../rules/commands.ts";
import type { Outcome } from "./submission.ts";

/** What can become of a command that came to the desk. */
export const commandOutcomes = [
  "written",
  "unchanged",
  "refused",
  /** The stored outcome of an earlier request with the same idempotency key. */
  "repeated",
  "key-reused",
  /** The desk did not take it, or the storage failed. */
  "unavailable",
  /** It could not be decided, which is a fault of the service or of the ledger. */
  "failed",
] as const;

/** One of them. */
export type CommandOutcome = (typeof commandOutcomes)[number];

/** Hears what the desk does, to measure it. It is called on the hot path: it must be quick, and never throw. */
export interface DeskMeter {
  /** So many commits were appended in one transaction, durably, which took so long. */
  appended(commits: number, took_ms: number): void;
  /** This became of a command. */
  settled(kind: Command["kind"], outcome: CommandOutcome): void;
}

/** The word for an outcome. */
export function outcomeWord(outcome: Outcome): CommandOutcome {
  return outcome.kind === "written" && outcome.repeated !== undefined ? "repeated" : outcome.kind;
}
