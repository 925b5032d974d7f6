import type { NewFact } from "../new-event.ts";
import type { Refusal, RefusalCode } from "../refusal.ts";

/** What became of a command: its facts (none: its goal held already), or why it was refused. */
export type Accepted = { readonly facts: readonly NewFact[] } | { readonly refusal: Refusal };

/** What one step of a command gives. */
export type StepResult = readonly NewFact[] | Refusal;

/** Whether a step was refused. */
export function isRefusal(result: StepResult): result is Refusal {
  return !Array.isArray(result);
}

/** A refusal as a value. */
export function refuse(code: RefusalCode, detail: string, field?: string): Refusal {
  return { code, detail, ...(field === undefined ? {} : { field }) };
}

/** A step's result as a command's. */
export function asAccepted(result: StepResult): Accepted {
  return isRefusal(result) ? { refusal: result } : { facts: result };
}
