import { isOpen } from "../../../projections/incident.ts";
import type { AskedStatus, Update } from "../commands.ts";
import { incidentFact, present, textOf } from "../new-event.ts";
import type { Refusal } from "../refusal.ts";
import { refuse } from "./accepted.ts";
import { acknowledge, assign, unassign } from "./assignment.ts";
import { edit } from "./edit.ts";
import { close, dismiss, reopen, resolve } from "./lifecycle.ts";
import { changeSeverity } from "./severity.ts";
import { askToWake, snooze } from "./snooze.ts";
import type { Step } from "./step.ts";
import { move } from "./teaming.ts";
import { illegal } from "./transitions.ts";

/** Rule 14: the steps of an Update in their order: texts, type and labels; team; severity; assignment; status. */
export function stepsOfUpdate(command: Update): readonly Step[] {
  const { team, severity, assigned_to, status } = command;
  const steps: Step[] = [];
  if (status !== undefined && command.by_way_of_reopening === true)
    steps.push(unlessThere(command, reopenWhereNeeded(status)));
  steps.push(edit(command));
  if (team !== undefined) steps.push(move(team));
  if (severity !== undefined) steps.push(changeSeverity(severity));
  if (assigned_to === null) steps.push(unassign);
  else if (assigned_to !== undefined) steps.push(assign(assigned_to, command.force === true, "assigned_to"));
  if (status !== undefined) steps.push(unlessThere(command, stepTo(status, command)));
  return steps;
}

/** A step towards a status that is not taken where the incident is in one of those that will do. */
function unlessThere({ unless_status = [] }: Update, step: Step): Step {
  return (situation, incident) => (unless_status.includes(incident.status) ? [] : step(situation, incident));
}

/** What an Update asks for that can never hold together. */
export function contradictionIn(command: Update): Refusal | undefined {
  const { status, assigned_to, until } = command;
  if (status === "pending" && typeof assigned_to === "string") {
    return refuse("contradiction", "What is pending has no handler. Leave out status or assigned_to.", "assigned_to");
  }
  if (status === "assigned" && assigned_to === null) {
    return refuse("contradiction", "What is assigned has a handler. Name one, or leave out status.", "assigned_to");
  }
  if (until !== undefined && status !== "snoozed") {
    return refuse("contradiction", 'until goes with status "snoozed" alone.', "until");
  }
  return undefined;
}

function stepTo(status: AskedStatus, command: Update): Step {
  switch (status) {
    case "pending":
      return toPending;
    case "assigned":
      return toAssigned;
    case "acknowledged":
      return acknowledge(undefined);
    case "snoozed":
      return toSnoozed(command.until);
    case "resolved":
      return resolve(command.resolution);
    case "closed":
      return close(command.resolution);
    case "dismissed":
      return dismiss;
    default: {
      const never: never = status;
      throw new Error(`no step leads to ${String(never)}`);
    }
  }
}

/** Back into the queue: handed back, woken or reopened. The rules may give it to somebody at once. */
const toPending: Step = (situation, incident) => {
  if (incident.status === "snoozed") return askToWake(situation, incident);
  return isOpen(incident.status) ? unassign(situation, incident) : reopen(situation, incident);
};

/** Somebody must have it: for an acknowledged one it is a hand-over to its own handler. */
const toAssigned: Step = ({ reason, word }, incident) => {
  const { number, status, assigned_to } = incident;
  if (!isOpen(status)) return illegal(incident, "assigned");
  if (assigned_to === null) {
    return refuse("contradiction", `Nobody has incident ${number}. Name a handler in assigned_to.`, "status");
  }
  if (status === "assigned") return [];
  const data = { handler: assigned_to, from: assigned_to, ...present({ word }) };
  return [incidentFact(number, "incident.handed-over", data, textOf({ reason }))];
};

function toSnoozed(until: string | undefined): Step {
  return (situation, incident) =>
    incident.status === "snoozed" && until === undefined ? [] : snooze(until, undefined)(situation, incident);
}

/** Rule 19: a dialect's any-to-any transition opens first what has ended, where no step leads there directly. */
function reopenWhereNeeded(status: AskedStatus): Step {
  return (situation, incident) => {
    if (isOpen(incident.status) || incident.status === status || incident.status === "merged") return [];
    if (incident.status === "resolved" && status === "closed") return [];
    return reopen(situation, incident);
  };
}
