import { definitionOf } from "../../events/registry.ts";
import { handlerStream, incidentStream, keyStream, ledgerStream, teamStream, userStream } from "../../events/stream.ts";
import type { Incident } from "../../projections/incident.ts";
import { reopenedData } from "../../projections/incident-fold.ts";
import { defaultTeamRules } from "../../projections/team.ts";
import type { NewFact } from "../rules/new-event.ts";
import { isText } from "./event-fields.ts";
import { fieldValue, standsForIncident } from "./field-kind.ts";
import type { IncidentNames } from "./incident-names.ts";
import { checkPossible } from "./possible-fact.ts";
import type { EventLine } from "./scenario.ts";
import type { ScenarioDesk } from "./scenario-desk.ts";
import { ScenarioFault } from "./scenario-fault.ts";

/** Builds the fact that a line of `given` records: what the line does not name follows from the board or a default. */
export function recordedFact(line: EventLine, at: string, desk: ScenarioDesk, names: IncidentNames): NewFact {
  const written: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(line.fields)) {
    written[field] = standsForIncident(field) && field !== "incident" ? names.numberOf(value, line.line) : value;
  }
  const subject = subjectOf(line, at, desk, names);
  const body: Record<string, unknown> = { ...subject.defaults, ...written };
  if (line.type === "team.created" || line.type === "team.rules-changed") {
    // Parameters that are not named stay as they are.
    body.rules = { ...(subject.defaults.rules as object), ...(written.rules as object | undefined) };
  }
  if (line.type.startsWith("incident.")) delete body.incident;
  const entries = Object.entries(body).filter(([, value]) => value !== undefined);
  const data = Object.fromEntries(entries.filter(([field]) => !isText(line.type, field)));
  const text = Object.fromEntries(entries.filter(([field]) => isText(line.type, field)));
  fieldValue(data, definitionOf(line.type).data, line.line, `The data of ${line.type}`);
  // The schema of this event has just accepted the data.
  return {
    type: line.type,
    stream: subject.stream,
    data,
    ...(Object.keys(text).length === 0 ? {} : { text }),
  } as NewFact;
}

interface Subject {
  readonly stream: string;
  readonly defaults: Record<string, unknown>;
}

function subjectOf(line: EventLine, at: string, desk: ScenarioDesk, names: IncidentNames): Subject {
  const [family] = line.type.split(".");
  switch (family) {
    case "incident":
      return line.type === "incident.reported"
        ? reportDefaults(line, at, desk, names)
        : onIncident(line, at, desk, names);
    case "handler":
      return onHandler(line, desk);
    case "team": {
      const team = String(line.fields.team ?? "default");
      return {
        stream: teamStream(team),
        defaults: { team, rules: desk.board.findTeam(team)?.rules ?? defaultTeamRules },
      };
    }
    case "user": {
      const isNew = line.type === "user.created";
      const defaults = isNew ? { role: "responder", teams: null, handler: null } : {};
      return { stream: userStream(Number(line.fields.user)), defaults };
    }
    case "key": {
      const isNew = line.type === "key.created";
      const defaults = isNew ? { role: "responder", teams: null, dialect: null, expires_at: null } : {};
      return { stream: keyStream(Number(line.fields.key)), defaults };
    }
    case "time":
      return { stream: ledgerStream, defaults: { at } };
    default:
      throw new ScenarioFault(
        line.line,
        `${line.type} cannot be given: a scenario starts on a ledger that was just opened.`,
      );
  }
}

function reportDefaults(line: EventLine, at: string, desk: ScenarioDesk, names: IncidentNames): Subject {
  const number = desk.board.last_incident + 1;
  const name = line.fields.incident;
  if (typeof name !== "string")
    throw new ScenarioFault(line.line, "A reported incident needs a name, like { incident: outage }.");
  if (names.has(name)) throw new ScenarioFault(line.line, `There is already an incident named ${name}.`);
  names.give(name, number, line.line);
  return {
    stream: incidentStream(number),
    defaults: { incident_id: desk.newId(), number, team: "default", severity: 3, timestamp: at },
  };
}

function onHandler(line: EventLine, desk: ScenarioDesk): Subject {
  const handler = line.fields.handler;
  if (typeof handler !== "string") throw new ScenarioFault(line.line, `${line.type} must name its handler.`);
  const known = desk.board.findHandler(handler);
  const team = String(line.fields.team ?? known?.team ?? "default");
  if (line.type === "handler.joined") {
    if (typeof known?.team === "string")
      throw new ScenarioFault(line.line, `${handler} is in the team ${known.team} already.`);
    const capacity = desk.board.findTeam(team)?.rules.default_capacity ?? defaultTeamRules.default_capacity;
    return { stream: handlerStream(handler), defaults: { team, capacity } };
  }
  if (typeof known?.team !== "string")
    throw new ScenarioFault(line.line, `No handler ${handler} has joined before this line.`);
  return { stream: handlerStream(handler), defaults: line.type === "handler.left" ? { team } : {} };
}

function onIncident(line: EventLine, at: string, desk: ScenarioDesk, names: IncidentNames): Subject {
  const number = names.numberOf(line.fields.incident, line.line);
  const incident = desk.incident(number);
  if (incident === null)
    throw new ScenarioFault(line.line, `The incident ${names.nameOf(number)} was not reported before this line.`);
  checkPossible(line, incident, names);
  return { stream: incidentStream(number), defaults: incidentDefaults(line, at, incident, desk, names) };
}

function incidentDefaults(
  line: EventLine,
  at: string,
  incident: Incident,
  desk: ScenarioDesk,
  names: IncidentNames,
): Record<string, unknown> {
  switch (line.type) {
    case "incident.repeated":
      return { timestamp: at };
    case "incident.severity-changed":
      return { from: incident.severity };
    case "incident.handed-over":
      return { from: incident.assigned_to };
    case "incident.handed-back":
      return { handler: incident.assigned_to };
    case "incident.return-forgotten":
      return { handler: incident.snoozed_from };
    case "incident.acknowledged": {
      const { by, handler } = line.fields;
      const isHandler = desk.board.findHandler(String(by))?.team === incident.team;
      return { by: handler ?? "admin", handler: isHandler ? by : null };
    }
    case "incident.snoozed":
      return { from: incident.assigned_to ?? incident.snoozed_from };
    case "incident.moved":
      return { from: incident.team };
    case "incident.reopened":
      return reopenedData(incident);
    case "incident.absorbed": {
      const other = desk.incident(names.numberOf(line.fields.number, line.line));
      return { keys: other?.dedup_keys ?? [] };
    }
    case "incident.commented":
      return { text: "…" };
    default:
      return {};
  }
}
