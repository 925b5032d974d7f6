import { type TProperties, Type } from "@sinclair/typebox";
import { IncidentNumber } from "../../events/fields.ts";
import { definitions, type EventName } from "../../events/registry.ts";
import { TeamRules } from "../../events/team.ts";

/** Parameters that a line does not name stay as they were, or are not compared. */
const someRules = Type.Partial(TeamRules);

/** Whether a word names an event. */
export function isEvent(word: string): word is EventName {
  return definitions.has(word);
}

/** What a scenario never writes: the runner counts ids and numbers. */
function isCounted(type: EventName, field: string): boolean {
  if (field === "incident_id" || field === "ledger_id") return true;
  return field === "number" && (type === "incident.reported" || type === "incident.reopened");
}

/** The schemas of what a scenario may write of an event: its data, its text, and the incident whose it is. */
export function fieldsOfEvent(type: EventName): TProperties {
  const definition = definitions.get(type);
  const data: TProperties = definition?.data.properties ?? {};
  const text: TProperties = definition?.text?.properties ?? {};
  const fields = Object.entries({ ...data, ...text, ...(type.startsWith("team.") ? { rules: someRules } : {}) }).filter(
    ([field]) => !isCounted(type, field),
  );
  return { ...(type.startsWith("incident.") ? { incident: IncidentNumber } : {}), ...Object.fromEntries(fields) };
}

/** Whether a field of this event is part of its text, which rules never see. */
export function isText(type: EventName, field: string): boolean {
  return Object.hasOwn(definitions.get(type)?.text?.properties ?? {}, field);
}
