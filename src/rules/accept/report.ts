import type { Board } from "../../../projections/board.ts";
import { after } from "../../../projections/instant.ts";
import type { CommandContext, Report } from "../commands.ts";
import { incidentFact, type NewFact, present, textOf } from "../new-event.ts";
import type { Refusal } from "../refusal.ts";
import { refuse, type StepResult } from "./accepted.ts";
import { handlerOfTeam, isRefused, namedTeam } from "./references.ts";

const defaultSeverity = 3;
const tolerance_ms = 5 * 60 * 1000;

/** Rules 11, 12 and 15: a report opens an incident, or is recorded as a repeat of the open one its key leads to. */
export function report(board: Board, command: Report, context: CommandContext): StepResult {
  const team = namedTeam(board, command.team ?? "default");
  if (isRefused(team)) return team;
  const when = whenItHappened(command, context);
  if ("code" in when) return when;
  const open = command.dedup_key === undefined ? undefined : board.numberOfKey(team.team, command.dedup_key);
  return open === undefined ? opened(board, command, team.team, when) : repeated(command, open, when);
}

interface When {
  readonly timestamp: string;
  readonly claimed_at?: string;
}

/** A time from the future is refused, or kept as the sender's claim where the sender cannot be asked. */
function whenItHappened(command: Report, context: CommandContext): When | Refusal {
  const { timestamp } = command;
  if (timestamp === undefined) return { timestamp: context.at };
  if (timestamp <= context.at || timestamp <= after(context.at, tolerance_ms)) return { timestamp };
  if (command.doubt_timestamp === true) return { timestamp: context.at, claimed_at: timestamp };
  const detail = `${timestamp} is more than five minutes ahead: it is ${context.at}. Check the sender's clock.`;
  return refuse("timestamp-in-the-future", detail, "timestamp");
}

function opened(board: Board, command: Report, team: string, when: When): StepResult {
  const number = board.last_incident + 1;
  const { incident_id, type, source, dedup_key, labels, word, status, assigned_to } = command;
  const severity = command.severity ?? defaultSeverity;
  const optional = present({ type, source, dedup_key, labels, word });
  const data = { incident_id, number, team, severity, ...when, ...optional };
  const facts: NewFact[] = [incidentFact(number, "incident.reported", data, textsOf(command))];
  if (assigned_to !== undefined) {
    if (status !== undefined) {
      const detail = "What is reported as done takes nobody. Leave out status or assigned_to.";
      return refuse("contradiction", detail, "assigned_to");
    }
    const handler = handlerOfTeam(board, team, assigned_to, "assigned_to");
    if (isRefused(handler)) return handler;
    if (!handler.available) {
      const detail = `${handler.handler_id} is unavailable. Report it without assigned_to, then assign it by force.`;
      return refuse("handler-unavailable", detail, "assigned_to");
    }
    facts.push(incidentFact(number, "incident.handed-over", { handler: handler.handler_id, from: null }));
  }
  return [...facts, ...endings(command, number)];
}

function repeated(command: Report, number: number, when: When): StepResult {
  const { severity, source, word } = command;
  const data = { ...when, ...present({ severity, source, word }) };
  return [incidentFact(number, "incident.repeated", data, textsOf(command)), ...endings(command, number)];
}

/** What follows a report that arrives as done already. */
function endings(command: Report, number: number): NewFact[] {
  if (command.status === undefined) return [];
  const resolved = incidentFact(number, "incident.resolved", {}, textOf({ resolution: command.resolution }));
  return command.status === "closed" ? [resolved, incidentFact(number, "incident.closed", {})] : [resolved];
}

function textsOf({ title, description, reported_by, links }: Report) {
  return textOf({ title, description, reported_by, links });
}
