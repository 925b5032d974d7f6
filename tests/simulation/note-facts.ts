import type { Command } from "../../src/rules/commands.ts";
import type { Hits } from "./hits.ts";
import type { ReferenceDesk } from "./reference-desk.ts";
import { isOpenStatus, loadedOn, type ReferenceIncident } from "./reference-incident.ts";
import type { ExpectedFact } from "./reference-lookup.ts";

/** Notes which rules the facts of a command try. The desk is as it was before them. */
export function noteFacts(
  desk: ReferenceDesk,
  command: Command,
  facts: readonly ExpectedFact[],
  at: string,
  hits: Hits,
) {
  for (const fact of facts) {
    if (fact.stream.startsWith("incident/")) noteIncidentFact(desk, command, fact, at, hits);
    else notePeopleFact(desk, command, fact, hits);
  }
  const [first] = facts;
  if (isRelease(command) && first?.type === "incident.handed-back") hits.rule("7 away already, work released");
  if (command.kind === "update" && facts.length > 1) hits.rule("14 several facts of one update");
  if (command.kind === "redact" && facts.length > 1) hits.rule("several texts erased at once");
  const isOnTheWay = command.kind === "update" && facts.length > 1 && first?.type === "incident.reopened";
  if (isOnTheWay) hits.rule("19 reopened on the way");
}

function noteIncidentFact(desk: ReferenceDesk, command: Command, fact: ExpectedFact, at: string, hits: Hits): void {
  const incident = desk.incidents.get(Number(fact.stream.slice("incident/".length)));
  const status = incident?.status ?? "";
  if (incident !== undefined && !isOpenStatus(status)) hits.rule("18 done on what is not open");
  switch (fact.type) {
    case "incident.reported":
    case "incident.repeated":
      noteReport(desk, command, fact, incident, at, hits);
      return;
    case "incident.severity-changed": {
      const isRaise = fact.data.to < fact.data.from;
      if (status === "snoozed") hits.rule("9 severity changed asleep");
      if (!isRaise) hits.rule("6 lowered");
      else if (status === "pending") hits.rule("6 raised in the queue");
      else if (incident !== undefined && loadedOn(incident) !== null) hits.rule("6 raised with its handler");
      return;
    }
    case "incident.handed-over": {
      const handler = desk.handlers.get(fact.data.handler);
      hits.rule("8 handed over");
      if (handler?.available === false) hits.rule("8 handed over by force");
      if (handler !== undefined && desk.workOf(handler.id).length >= handler.capacity) {
        hits.rule("4 by hand beyond the capacity");
      }
      if (status === "snoozed") hits.rule("9 sleep ended by assigning");
      return;
    }
    case "incident.handed-back":
      if (fact.data.handler === null) hits.rule("8 nobody's, put into the queue");
      return;
    case "incident.return-forgotten":
      hits.rule(command.kind === "remove-handler" ? "7 left, return forgotten" : "9 return forgotten by hand");
      return;
    case "incident.snoozed":
      hits.rule(status === "snoozed" ? "9 snoozed again" : "9 snoozed");
      return;
    case "incident.acknowledged":
      noteAcknowledged(desk, incident, fact.data.handler, hits);
      return;
    case "text.erased":
      if (isOpenStatus(status)) hits.rule("a text erased of what is open");
      else hits.rule(status === "deleted" ? "a text erased of what was deleted" : "a text erased of what has ended");
      return;
    case "incident.merged":
      hits.rule("11 merged");
      return;
    case "incident.moved":
      if (status === "pending") hits.rule("17 moved from the queue");
      else hits.rule(status === "snoozed" ? "17 moved asleep" : "17 moved from a handler");
      return;
    default:
  }
}

function noteReport(
  desk: ReferenceDesk,
  command: Command,
  fact: Extract<ExpectedFact, { type: "incident.reported" | "incident.repeated" }>,
  open: ReferenceIncident | undefined,
  at: string,
  hits: Hits,
): void {
  if (command.kind !== "report") return;
  const { timestamp, claimed_at } = fact.data;
  const key = command.dedup_key;
  if (timestamp < at) hits.rule("15 late timestamp");
  if (claimed_at !== undefined) hits.rule("15 claimed timestamp");
  if (open !== undefined) {
    hits.rule("11 repeat");
    if (command.status !== undefined) hits.rule("11 repeat resolves");
    if (open.dedup_key !== key) hits.rule("11 a key moved by a merge is repeated");
    return;
  }
  if (fact.type !== "incident.reported") return;
  if (command.status !== undefined) hits.rule("12 arrived resolved");
  const { team, severity } = fact.data;
  const ended = [...desk.incidents.values()].filter((one) => one.team === team && one.status !== "merged");
  if (key !== undefined && ended.some((one) => one.keys.includes(key))) hits.rule("11 key open again after its end");
  const isAhead = desk.pendingOf(team).some((one) => one.severity > severity);
  if (isAhead && command.status === undefined) hits.rule("1 a report is queued ahead of others");
}

function noteAcknowledged(
  desk: ReferenceDesk,
  incident: ReferenceIncident | undefined,
  named: string | null,
  hits: Hits,
): void {
  if (incident?.status === "snoozed") hits.rule("9 sleep ended by acknowledging");
  if (incident?.status === "acknowledged") hits.rule("10 nobody's, taken by a handler");
  const handler = named === null ? undefined : desk.handlers.get(named);
  if (incident !== undefined && incident.handler !== null) hits.rule("10 acknowledged, its handler keeps it");
  else if (handler === undefined) hits.rule("10 acknowledged by anybody else");
  else {
    hits.rule("10 acknowledged by a handler");
    if (desk.workOf(handler.id).length >= handler.capacity) hits.rule("10 acknowledged beyond the capacity");
  }
}

function notePeopleFact(desk: ReferenceDesk, command: Command, fact: ExpectedFact, hits: Hits): void {
  const handler = desk.handlers.get(fact.stream.slice("handler/".length));
  const load = handler === undefined ? 0 : desk.workOf(handler.id).length;
  switch (fact.type) {
    case "handler.capacity-changed":
      if (fact.data.capacity < load) hits.rule("4 capacity lowered below the load");
      return;
    case "handler.made-unavailable":
      if (load > 0) hits.rule(isRelease(command) ? "7 away, work released" : "7 away, work stays");
      return;
    case "handler.made-available":
      hits.rule("7 back");
      return;
    case "handler.left":
      if (load > 0) hits.rule("7 left, work released");
      return;
    case "team.rules-changed": {
      const { team, rules } = fact.data;
      const before = desk.teams.get(team);
      const waits = (kind: string) => desk.due.some((one) => one.kind === kind && isOf(desk, one.number, team));
      if (before?.ack_timeout_seconds !== rules.ack_timeout_seconds && waits("ack-timeout")) {
        const isOff = rules.ack_timeout_seconds === null;
        hits.rule(isOff ? "13 timeout switched off while clocks run" : "13 timeout changed while clocks run");
      }
      if (before?.auto_close_days !== rules.auto_close_days && waits("auto-close")) {
        hits.rule("16 days changed while some await closing");
      }
      return;
    }
    default:
  }
}

function isOf(desk: ReferenceDesk, number: number, team: string): boolean {
  return desk.incidents.get(number)?.team === team;
}

function isRelease(command: Command): boolean {
  return command.kind === "change-handler" && command.release === true;
}

/** Notes the rules that a refusal or a no-op tries. */
export function noteNothing(desk: ReferenceDesk, command: Command, refused: string | null, hits: Hits): void {
  const incident = "incident" in command ? desk.incidents.get(command.incident) : undefined;
  if (refused === null && incident !== undefined) hits.rule("18 the goal held already");
  if (refused === null && command.kind === "redact") hits.rule("nothing left to erase");
  if (refused === "unknown-text") hits.rule("refused: no such text");
  if (refused === "illegal-transition") hits.rule("18 refused: not in this status");
  if (refused === "not-higher") hits.rule("6 refused: not higher");
  if (refused === "handler-unavailable") hits.rule("8 refused: unavailable");
  if (refused === "dedup-key-open") hits.rule("11 refused: key open");
  if (refused === "timestamp-in-the-future") hits.rule("15 refused: in the future");
}
