import { isDeepStrictEqual } from "node:util";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream } from "../../events/stream.ts";
import { standsForIncident } from "./field-kind.ts";
import type { Play } from "./play.ts";
import { subjectOf } from "./play.ts";
import type { EventLine, ExpectedLine } from "./scenario.ts";
import type { Happening } from "./scenario-desk.ts";

/** What a scenario may say of an event: its data and text, the incident whose it is by name, and its time. */
function told(event: RecordedEvent, play: Play): Record<string, unknown> {
  const number = incidentOfStream(event.stream);
  const fields: Record<string, unknown> = { ...event.data, ...event.text };
  if (event.type === "incident.reported" || event.type === "incident.reopened") delete fields.number;
  for (const [field, value] of Object.entries(fields)) {
    if (standsForIncident(field) && typeof value === "number") fields[field] = play.names.nameOf(value);
  }
  delete fields.incident_id;
  return { ...(number === null ? {} : { incident: play.names.nameOf(number) }), ...fields };
}

/** Which event a decision follows from, as `<event> <whose>`; null where it says nothing. */
function becauseOf(
  event: RecordedEvent,
  play: Play,
): { readonly offset: number | null; readonly words: string } | null {
  const { because } = event.meta;
  if (because === undefined) return null;
  const position = "offset" in because ? event.position - event.meta.offset + because.offset : because.position;
  const cause = play.desk.log[position - 1];
  if (cause === undefined) return { offset: null, words: `position ${position}` };
  const words = `${cause.type} ${subjectOf(cause.stream, play.names)}`;
  return { offset: "offset" in because ? because.offset : null, words };
}

/** Whether what happened is what the line expects. Fields that the line does not name are not compared. */
export function fits(line: ExpectedLine, happening: Happening, play: Play): boolean {
  if (line.kind !== happening.kind) return false;
  if (line.kind === "nothing") return true;
  if (line.kind === "refused") {
    if (happening.kind !== "refused" || happening.refusal.code !== line.code) return false;
    return line.field === null || happening.refusal.field === line.field;
  }
  if (happening.kind !== "event" || happening.event.type !== line.type) return false;
  const { event } = happening;
  if (line.at !== null && event.recorded_at !== line.at) return false;
  if (line.actor !== null && event.actor !== line.actor) return false;
  return fieldsFit(line, told(event, play)) && becauseFits(line, event, play);
}

function fieldsFit(line: EventLine, fields: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(line.fields).every(([field, expected]) => {
    const value = fields[field];
    // Of a team's rules, too, only what is named is compared.
    if (field === "rules" && isPlainObject(expected) && isPlainObject(value)) {
      return Object.entries(expected).every(([key, one]) => isDeepStrictEqual(value[key], one));
    }
    return isDeepStrictEqual(value, expected);
  });
}

function becauseFits(line: EventLine, event: RecordedEvent, play: Play): boolean {
  if (line.because === null) return true;
  const because = becauseOf(event, play);
  if (because === null) return false;
  if (typeof line.because === "number") return because.offset === line.because;
  return because.words === line.because || because.words.startsWith(`${line.because} `);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One line as the file would write it. */
export function writtenLine(line: ExpectedLine): string {
  if (line.kind === "nothing") return "nothing";
  if (line.kind === "refused") return `refused: ${line.code}${line.field === null ? "" : ` (field ${line.field})`}`;
  const extra = {
    ...(line.at === null ? {} : { at: line.at }),
    ...(line.actor === null ? {} : { actor: line.actor }),
    ...(line.because === null ? {} : { because: line.because }),
  };
  return `${line.type}: ${writtenFields({ ...line.fields, ...extra })}`;
}

/** What happened, as the file would write it; of an event everything that could be named. */
export function writtenHappening(happening: Happening, play: Play): string {
  if (happening.kind === "nothing") return "nothing";
  if (happening.kind === "refused") {
    const { code, field, detail } = happening.refusal;
    return `refused: ${code}${field === undefined ? "" : ` (field ${field})`}  # ${detail}`;
  }
  const { event } = happening;
  const because = becauseOf(event, play);
  const extra = { at: event.recorded_at, ...(because === null ? {} : { because: because.words }) };
  return `${event.type}: ${writtenFields({ ...told(event, play), ...extra })}`;
}

function writtenFields(fields: Readonly<Record<string, unknown>>): string {
  const written = Object.entries(fields).map(([field, value]) => `${field}: ${writtenValue(value)}`);
  return written.length === 0 ? "{}" : `{ ${written.join(", ")} }`;
}

/** A value as the file would write it: plain words without quotes. */
export function writtenValue(value: unknown): string {
  return typeof value === "string" && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
}
