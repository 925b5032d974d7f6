import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import * as event from "../../events/fields.ts";
import { anyCase } from "./validation/any-case.ts";

/** The fields that requests and answers are made of. `x-expects` is what a fault says of a value that does not fit. */

/** A body or a part of one: what is not described is refused. */
export function strict<Properties extends TProperties>(properties: Properties, options: object = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** The same, or null. */
export function nullable<Schema extends TSchema>(schema: Schema, options: object = {}) {
  return Type.Unsafe<Schema["static"] | null>({ ...schema, ...options, type: [schema.type, "null"] });
}

/** The answer 304 has no body. */
export const NotModified = Type.Unsafe<undefined>({ type: "null" });

/** A text of an answer. */
export const Text = Type.String();
/** A whole number of an answer. */
export const WholeNumber = Type.Integer();

/** A time in an answer: UTC with milliseconds. */
export const Instant = Type.String({ format: "date-time" });

/** A time in a request: RFC 3339 with any offset. */
export const Time = Type.String({
  format: "date-time",
  "x-expects": "a time such as 2026-01-31T09:15:00Z (RFC 3339, with an offset)",
});

/** The words for severities, in the order of their numbers 1 to 5. */
export const severityLabels = ["critical", "high", "medium", "low", "info"] as const;

/** A severity of a request: 1 to 5 or its label, whatever the case. A number in quotes is refused. */
export const Severity = Type.Unsafe<number | string>({
  type: ["integer", "string"],
  minimum: 1,
  maximum: 5,
  pattern: `^${anyCase(severityLabels)}$`,
  description: `1 (critical) to 5 (info), or one of ${severityLabels.join(", ")}, whatever the case`,
  "x-expects": `a whole number from 1 to 5, or one of ${severityLabels.join(", ")}`,
});

/** The number that a severity of a request stands for. */
export function severityNumber(severity: number | string): number {
  return typeof severity === "number" ? severity : 1 + severityLabels.map(String).indexOf(severity.toLowerCase());
}

/** One of some words, whatever the case. */
export function words<const Words extends readonly string[]>(list: Words, options: object = {}) {
  return Type.String({ pattern: `^${anyCase(list)}$`, "x-expects": `one of ${list.join(", ")}`, ...options });
}

const handleExpects = "1 to 64 letters, digits, dots, hyphens or underscores, beginning with a letter or digit";

/** A handler's or a team's permanent id. */
export const Handle = Type.String({ pattern: event.Handle.pattern ?? "", "x-expects": handleExpects });
/** A handle, or null for nobody. */
export const HandleOrNull = nullable(Handle, { "x-expects": `${handleExpects}, or null` });

/** An incident, by its number or its id. */
export const IncidentReference = Type.Unsafe<number | string>({
  type: ["integer", "string"],
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  pattern: "^(?:[1-9][0-9]{0,14}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$",
  "x-expects": "an incident's number or incident_id",
});

/** A text that says something: at least one character that is no white space. */
export function spoken(maxLength: number) {
  return Type.String({ maxLength, pattern: "\\S", "x-expects": "a text that is not blank" });
}

/** A title: at most 500 characters, one of them no white space. All lengths are in UTF-16 code units, as the events count them. */
export const Title = spoken(500);
/** A description: at most 65,536 characters; may be empty. */
export const Description = event.Description;
/** A reason, a resolution: at most 10,000 characters; may be empty. */
export const ShortText = event.ShortText;
/** Who somebody is, for people to read: at most 200 characters. */
export const PersonName = event.PersonName;
/** What sort of incident it is, in the reporter's own terms: 1 to 200 characters. */
export const IncidentType = event.IncidentType;
/** Where a report comes from: 1 to 200 characters. */
export const Source = event.Source;
/** The key under which repeats of a report find each other: 1 to 512 characters. */
export const DedupKey = event.DedupKey;
/** At most 64 labels, names of 1 to 128 and values of at most 1,024 characters. */
export const Labels = Type.Unsafe<Record<string, string>>({ ...event.Labels, "x-expects": "an object of strings" });
/** Changes of labels by a merge patch (RFC 7396): null removes one, those that are not named stay. */
export const LabelChanges = Type.Unsafe<Record<string, string | null>>({
  ...event.Labels,
  additionalProperties: { type: ["string", "null"], maxLength: 1024 },
  "x-expects": "an object of strings",
  description: "as application/merge-patch+json, null removes a label and those that are not named stay",
});

/** How many incidents a handler takes at once: 1 to 1,000. */
export const Capacity = event.Capacity;
/** The length of a snooze: 1 minute to 366 days. */
export const Minutes = Type.Integer({ minimum: 1, maximum: 527_040 });

/** Links with http or https only. */
export const Links = Type.Array(
  strict({
    href: Type.String({
      pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$",
      maxLength: 2048,
      "x-expects": "an http or https URL",
    }),
    text: Type.Optional(Type.String({ maxLength: 500 })),
  }),
  { maxItems: 32 },
);
