import type { RecordedEvent } from "../../events/recorded-event.ts";
import { handlerStream, incidentOfStream, incidentStream } from "../../events/stream.ts";
import type { Board } from "../../projections/board.ts";
import type { Commit } from "../ledger/ledger.ts";
import type { Command, CommandContext } from "../rules/commands.ts";
import { decideCommit } from "../rules/commit.ts";
import { forbiddance } from "../rules/rights.ts";
import { type Rules, rulesOf } from "../rules/rules.ts";
import { shownOn } from "./shown.ts";
import type { Outcome, Submission } from "./submission.ts";

/** The rules in force on the board. Throws where this build does not know them. */
export function rulesInForce(board: Board): Rules {
  const rules = rulesOf(board.rules);
  if (rules === undefined) throw new Error(`rules ${board.rules} are not known to this build`);
  return rules;
}

/** How far due work goes. */
export interface DueWork {
  /** What is due at or before this is done. */
  readonly until: string;
  /** Desk time. */
  readonly at: string;
  /** At most so many commits; what is left over needs another call with the same `until`. */
  readonly most_commits: number;
}

/** Does what is due, in due order, as commits of its own. */
export function decideWhatIsDue(board: Board, work: DueWork, newId: () => string): Commit[] {
  const commits: Commit[] = [];
  while (isDue(board, work.until) && commits.length < work.most_commits) {
    const context = { command_id: newId(), actor: "clock", at: work.at };
    const rules = rulesInForce(board);
    const accepted = rules.accept(board, { kind: "pass-time", at: work.until }, context);
    if ("refusal" in accepted) throw new Error(`time may always pass: ${accepted.refusal.detail}`);
    commits.push({ command_id: context.command_id, events: decideCommit(board, rules, context, accepted.facts) });
  }
  return commits;
}

/** Whether something is due at or before that time. */
export function isDue(board: Board, until: string): boolean {
  const due = board.nextDue();
  return due !== undefined && due.at <= until;
}

/** Decides one command on the board: first whether its actor may give it. What is due must have been done before. */
export function decide(
  board: Board,
  submission: Submission,
  context: CommandContext,
): { readonly outcome: Outcome; readonly commit: Commit | null } {
  const { command, idempotency } = submission;
  const forbidden = forbiddance(board, context.actor, command, context.at);
  const rules = rulesInForce(board);
  const accepted = forbidden === undefined ? rules.accept(board, command, context) : { refusal: forbidden };
  if ("refusal" in accepted) {
    return { outcome: { kind: "refused", position: board.position, refusal: accepted.refusal }, commit: null };
  }
  if (accepted.facts.length === 0) {
    return { outcome: { kind: "unchanged", ...shownOn(board, command, subjectOf(command, [])) }, commit: null };
  }
  const events = decideCommit(board, rules, context, accepted.facts);
  const shown = shownOn(board, command, subjectOf(command, events));
  const commit: Commit = { command_id: context.command_id, events };
  const outcome: Outcome = { kind: "written", events, ...shown };
  if (idempotency === undefined) return { outcome, commit };
  const { scope, key, fingerprint, statusOf } = idempotency;
  const { position, queue_position } = shown;
  const status = statusOf(events);
  const record = { scope, key, fingerprint, status, ...answered(board, command, events), position, queue_position };
  return { outcome, commit: { ...commit, idempotency: { ...record, recorded_at: context.at } } };
}

/** The number of the incident that a command concerns: the one it names or the one its events opened. */
export function subjectOf(command: Command, events: readonly RecordedEvent[]): number | null {
  if ("incident" in command) return command.incident;
  const first = events[0];
  return command.kind === "report" && first !== undefined ? incidentOfStream(first.stream) : null;
}

/** The stream that the answer to a command shows, and its version now. */
function answered(board: Board, command: Command, events: readonly RecordedEvent[]) {
  const number = subjectOf(command, events);
  if (number !== null) return { stream: incidentStream(number), version: board.incident(number)?.version ?? 0 };
  const handler = "handler" in command && !("user" in command) ? board.findHandler(command.handler) : undefined;
  if (handler !== undefined) return { stream: handlerStream(handler.handler_id), version: handler.version };
  const last = events.findLast((event) => event.stream === events[0]?.stream);
  return { stream: last?.stream ?? "", version: last?.version ?? 0 };
}
