import type { RecordedEvent } from "../../../events/recorded-event.ts";
import type { Board } from "../../../projections/board.ts";
import type { Incident } from "../../../projections/incident.ts";
import { foldIncident } from "../../../projections/incident-fold.ts";
import type { Command, CommandContext, IncidentCommand } from "../commands.ts";
import type { NewFact } from "../new-event.ts";
import { type Accepted, asAccepted, isRefusal, type StepResult } from "./accepted.ts";
import { acknowledge, assign, unassign } from "./assignment.ts";
import { addHandler, changeHandler, removeHandler } from "./handlers.ts";
import { createKey, endKeyRotation, revokeKey, rotateKey } from "./keys.ts";
import { close, comment, dismiss, remove, reopen, resolve } from "./lifecycle.ts";
import { redact } from "./redact.ts";
import { addressedIncident, isRefused } from "./references.ts";
import { report } from "./report.ts";
import { escalate } from "./severity.ts";
import { askToWake, snooze } from "./snooze.ts";
import type { Step } from "./step.ts";
import { merge, move } from "./teaming.ts";
import { changeTeam, createTeam } from "./teams.ts";
import { passTime } from "./time.ts";
import { contradictionIn, stepsOfUpdate } from "./update.ts";
import { changeUser, createUser, eraseUser, inviteUser } from "./users.ts";

/**
 * Checks a command against the board: its facts, none where its goal holds already, or a refusal. Changes nothing. An
 * incident that is named and not open must lie beside the board.
 */
export function accept(board: Board, command: Command, context: CommandContext): Accepted {
  return asAccepted(result(board, command, context));
}

function result(board: Board, command: Command, context: CommandContext): StepResult {
  switch (command.kind) {
    case "report":
      return report(board, command, context);
    case "add-handler":
      return addHandler(board, command);
    case "change-handler":
      return changeHandler(board, command);
    case "remove-handler":
      return removeHandler(board, command);
    case "create-team":
      return createTeam(board, command);
    case "change-team":
      return changeTeam(board, command);
    case "create-user":
      return createUser(board, command);
    case "change-user":
      return changeUser(board, command);
    case "invite-user":
      return inviteUser(board, command);
    case "erase-user":
      return eraseUser(board, command);
    case "create-key":
      return createKey(board, command, context);
    case "rotate-key":
      return rotateKey(board, command);
    case "end-key-rotation":
      return endKeyRotation(board, command);
    case "revoke-key":
      return revokeKey(board, command);
    case "pass-time":
      return passTime(board, command, context);
    default:
      return onIncident(board, command, context);
  }
}

/** Runs a command's steps, each against the incident as the facts before leave it. Any refusal refuses all. */
function onIncident(board: Board, command: IncidentCommand, context: CommandContext): StepResult {
  const incident = addressedIncident(board, command.incident, command.if_version, command.kind === "redact");
  if (isRefused(incident)) return incident;
  const contradiction = command.kind === "update" ? contradictionIn(command) : undefined;
  if (contradiction !== undefined) return contradiction;
  const situation = { board, context, reason: command.reason, word: command.word };
  const facts: NewFact[] = [];
  let now = incident;
  for (const step of stepsOf(command)) {
    const added = step(situation, now);
    if (isRefusal(added)) return added;
    facts.push(...added);
    now = added.reduce((before, fact) => folded(before, fact, context), now);
  }
  return facts;
}

function stepsOf(command: IncidentCommand): readonly Step[] {
  switch (command.kind) {
    case "update":
      return stepsOfUpdate(command);
    case "escalate":
      return [escalate(command.severity)];
    case "acknowledge":
      return [acknowledge(command.handler)];
    case "resolve":
      return [resolve(command.resolution)];
    case "close":
      return [close(undefined)];
    case "reopen":
      return [reopen];
    case "dismiss":
      return [dismiss];
    case "assign":
      return [assign(command.handler, command.force === true, "handler")];
    case "unassign":
      return [unassign];
    case "snooze":
      return [snooze(command.until, command.minutes)];
    case "wake":
      return [askToWake];
    case "comment":
      return [comment(command.text)];
    case "merge":
      return [merge(command.into)];
    case "move":
      return [move(command.team)];
    case "delete":
      return [remove];
    case "redact":
      return [redact(command)];
    default: {
      const never: never = command;
      throw new Error(`no such command: ${JSON.stringify(never)}`);
    }
  }
}

/** The incident after a fact that is not recorded yet. */
function folded(incident: Incident, fact: NewFact, context: CommandContext): Incident {
  const event = {
    ...fact,
    position: 0,
    version: incident.version + 1,
    schema_version: 0,
    recorded_at: context.at,
    actor: context.actor,
    command_id: context.command_id,
    meta: { offset: 0, events: 0, rules: 0 },
    text: fact.text ?? null,
  } as unknown as RecordedEvent;
  return foldIncident(incident, event) ?? incident;
}
