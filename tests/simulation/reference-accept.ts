import type { AddHandler, ChangeHandler, ChangeTeam, Command, CreateTeam, Report } from "../../src/rules/commands.ts";
import { later, type ReferenceDesk, type ReferenceHandler } from "./reference-desk.ts";
import { type Expected, type ExpectedFact, findHandler, findTeam, handlerIn, isStale } from "./reference-lookup.ts";
import { stepsOf } from "./reference-steps.ts";

/** What the design says of a command as things stand. */
export function expectedOf(desk: ReferenceDesk, command: Command, at: string, actor: string): Expected {
  switch (command.kind) {
    case "report":
      return report(desk, command, at);
    case "add-handler":
      return addHandler(desk, command);
    case "change-handler":
      return changeHandler(desk, command);
    case "remove-handler": {
      const handler = findHandler(desk, command.handler);
      if (handler === undefined) return { refused: "handler-not-found" };
      if (isStale(desk, `handler/${handler.id}`, command.if_version)) return { refused: "version-mismatch" };
      return { facts: handler.team === null ? [] : leaving(desk, handler, handler.team) };
    }
    case "create-team":
      return createTeam(desk, command);
    case "change-team":
      return changeTeam(desk, command);
    case "pass-time": {
      const until = command.at < at ? command.at : at;
      const isDue = desk.due.some(({ due }) => due <= until);
      return { facts: isDue ? [{ type: "time.passed", stream: "ledger", data: { at: until } }] : [] };
    }
    case "create-user":
    case "change-user":
    case "invite-user":
    case "erase-user":
    case "create-key":
    case "rotate-key":
    case "end-key-rotation":
    case "revoke-key":
      throw new Error(`the reference desk is not asked to ${command.kind}: no rule of the desk depends on it`);
    default: {
      const incident = desk.incidents.get(command.incident);
      const isHidden = incident?.status === "deleted" && command.kind !== "redact";
      if (incident === undefined || isHidden) return { refused: "incident-not-found" };
      if (isStale(desk, `incident/${incident.number}`, command.if_version)) return { refused: "version-mismatch" };
      return stepsOf(desk, { ...incident }, command, at, actor);
    }
  }
}

function report(desk: ReferenceDesk, command: Report, at: string): Expected {
  const team = findTeam(desk, command.team ?? "default");
  if (team === undefined) return { refused: "unknown-team" };
  const isAhead = command.timestamp !== undefined && command.timestamp > later(at, 300_000);
  if (isAhead && command.doubt_timestamp !== true) return { refused: "timestamp-in-the-future" };
  const when = {
    timestamp: isAhead ? at : (command.timestamp ?? at),
    ...(isAhead && command.timestamp !== undefined ? { claimed_at: command.timestamp } : {}),
  };
  const { severity, source, type, dedup_key, labels, status, assigned_to, incident_id } = command;
  const open = dedup_key === undefined ? undefined : desk.openUnder(team, dedup_key);
  const number = open?.number ?? desk.incidents.size + 1;
  const stream = `incident/${number}`;
  const facts: ExpectedFact[] = [];
  const from = source === undefined ? {} : { source };
  if (open !== undefined) {
    const data = { ...when, ...from, ...(severity === undefined ? {} : { severity }) };
    facts.push({ type: "incident.repeated", stream, data });
  } else {
    const described = {
      ...(type === undefined ? {} : { type }),
      ...(dedup_key === undefined ? {} : { dedup_key }),
      ...(labels === undefined ? {} : { labels }),
    };
    const data = { incident_id, number, team, severity: severity ?? 3, ...when, ...from, ...described };
    facts.push({ type: "incident.reported", stream, data });
    if (assigned_to !== undefined) {
      if (status !== undefined) return { refused: "contradiction" };
      const handler = handlerIn(desk, team, assigned_to);
      if (typeof handler === "string") return { refused: handler };
      if (!handler.available) return { refused: "handler-unavailable" };
      facts.push({ type: "incident.handed-over", stream, data: { handler: handler.id, from: null } });
    }
  }
  if (status !== undefined) facts.push({ type: "incident.resolved", stream, data: {} });
  if (status === "closed") facts.push({ type: "incident.closed", stream, data: {} });
  return { facts };
}

function addHandler(desk: ReferenceDesk, command: AddHandler): Expected {
  const known = findHandler(desk, command.handler);
  if (known !== undefined && known.team !== null) return { refused: "handler-exists" };
  const team = findTeam(desk, command.team ?? "default");
  if (team === undefined) return { refused: "unknown-team" };
  const handler = known?.id ?? command.handler;
  const capacity = command.capacity ?? desk.teams.get(team)?.default_capacity ?? 1;
  return { facts: [{ type: "handler.joined", stream: `handler/${handler}`, data: { handler, team, capacity } }] };
}

function changeHandler(desk: ReferenceDesk, command: ChangeHandler): Expected {
  const handler = findHandler(desk, command.handler);
  if (handler === undefined) return { refused: "handler-not-found" };
  const { id } = handler;
  if (isStale(desk, `handler/${id}`, command.if_version)) return { refused: "version-mismatch" };
  if (handler.team === null) return { refused: "handler-has-left" };
  const staysAvailable = command.available ?? handler.available;
  if (command.release === true && staysAvailable) return { refused: "contradiction" };
  const stream = `handler/${id}`;
  const facts: ExpectedFact[] = [];
  if (command.name !== undefined) facts.push({ type: "handler.renamed", stream, data: { handler: id } });
  const { capacity, available } = command;
  if (capacity !== undefined && capacity !== handler.capacity) {
    facts.push({ type: "handler.capacity-changed", stream, data: { handler: id, capacity } });
  }
  if (available === true && !handler.available) {
    facts.push({ type: "handler.made-available", stream, data: { handler: id } });
  }
  if (available === false && handler.available) {
    facts.push({ type: "handler.made-unavailable", stream, data: { handler: id } });
  }
  if (command.release === true) facts.push(...handedBack(desk, id));
  return { facts };
}

function leaving(desk: ReferenceDesk, { id }: ReferenceHandler, team: string): ExpectedFact[] {
  const sleeping = desk.openIncidents().filter(({ from }) => from === id);
  const forgotten = sleeping
    .map(({ number }) => number)
    .sort((a, b) => a - b)
    .map((number): ExpectedFact => {
      return { type: "incident.return-forgotten", stream: `incident/${number}`, data: { handler: id } };
    });
  const left: ExpectedFact = { type: "handler.left", stream: `handler/${id}`, data: { handler: id, team } };
  return [left, ...handedBack(desk, id), ...forgotten];
}

function handedBack(desk: ReferenceDesk, handler: string): ExpectedFact[] {
  return desk.workOf(handler).map((number): ExpectedFact => {
    return { type: "incident.handed-back", stream: `incident/${number}`, data: { handler } };
  });
}

function createTeam(desk: ReferenceDesk, command: CreateTeam): Expected {
  const { team } = command;
  if (findTeam(desk, team) !== undefined) return { refused: "team-exists" };
  const usual = { ack_timeout_seconds: null, default_capacity: 1, auto_close_days: 30, default_snooze_minutes: 1440 };
  return {
    facts: [{ type: "team.created", stream: `team/${team}`, data: { team, rules: { ...usual, ...command.rules } } }],
  };
}

function changeTeam(desk: ReferenceDesk, command: ChangeTeam): Expected {
  const team = findTeam(desk, command.team);
  const before = team === undefined ? undefined : desk.teams.get(team);
  if (team === undefined || before === undefined) return { refused: "team-not-found" };
  if (isStale(desk, `team/${team}`, command.if_version)) return { refused: "version-mismatch" };
  const rules = { ...before, ...command.rules };
  if (JSON.stringify(rules) === JSON.stringify(before)) return { facts: [] };
  return { facts: [{ type: "team.rules-changed", stream: `team/${team}`, data: { team, rules } }] };
}
