import { Type } from "@sinclair/typebox";
import { Ajv, type ValidateFunction } from "ajv";
import type { EventDefinition } from "../../events/define-event.ts";
import { Actor, body, Instant, Position } from "../../events/fields.ts";

/**
 * Lengths count UTF-16 code units, as the schemas say: `unicode` off, and no word about it being an old option. The schemas
 * are held against no schema of schemas: TypeBox makes them, and compiling that one would take a tenth of a second of every start.
 */
const ajv = new Ajv({ strict: false, unicode: false, logger: false, meta: false, validateSchema: false });

const Because = Type.Union([body({ offset: Type.Integer({ minimum: 0 }) }), body({ position: Position })]);

const Meta = body({
  offset: Type.Integer({ minimum: 0 }),
  events: Type.Integer({ minimum: 1 }),
  rules: Type.Integer({ minimum: 1 }),
  because: Type.Optional(Because),
});

/** The streams that there are: see `events/stream.ts`. */
const Stream = Type.String({
  pattern: "^(ledger|(incident|user|key)/[1-9][0-9]{0,15}|(handler|team)/[A-Za-z0-9][A-Za-z0-9._-]{0,63})$",
});

/** What surrounds the bodies of every event, whatever its name. Ids of commands that we make are UUIDs of version 7. */
const Envelope = Type.Object({
  position: Position,
  stream: Stream,
  version: Type.Integer({ minimum: 1 }),
  schema_version: Type.Integer({ minimum: 1 }),
  recorded_at: Instant,
  actor: Actor,
  command_id: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$" }),
});

interface BodyChecks {
  readonly data: ValidateFunction;
  /** Null where the event has no text. */
  readonly text: ValidateFunction | null;
  readonly text_required: boolean;
}

/** Compiling takes milliseconds, so each definition is compiled once, when it is first met. */
const compiled = new WeakMap<EventDefinition, BodyChecks>();

function checksOf(definition: EventDefinition): BodyChecks {
  const known = compiled.get(definition);
  if (known !== undefined) return known;
  const checks = {
    data: ajv.compile(definition.data),
    text: definition.text === null ? null : ajv.compile(definition.text),
    text_required: (definition.text?.required ?? []).length > 0,
  };
  compiled.set(definition, checks);
  return checks;
}

const metaCheck = ajv.compile(Meta);
const envelopeCheck = ajv.compile(Envelope);

/** What is wrong with an event's envelope, or null. */
export function envelopeFault(envelope: unknown): string | null {
  return envelopeCheck(envelope) ? null : faultOf("the event", envelopeCheck);
}

/** What is wrong with an event's meta, or null. */
export function metaFault(meta: unknown): string | null {
  return metaCheck(meta) ? null : faultOf("meta", metaCheck);
}

/** What is wrong with an event's `data`, or null. */
export function dataFault(definition: EventDefinition, data: unknown): string | null {
  const { data: check } = checksOf(definition);
  return check(data) ? null : faultOf("data", check);
}

/** What is wrong with an event's text (null: it has none), or null. `erased`: it had one once. */
export function textFault(definition: EventDefinition, text: unknown, erased: boolean): string | null {
  const { text: check, text_required } = checksOf(definition);
  if (check === null) return text === null && !erased ? null : "an event of this name has no text";
  if (text === null) return erased || !text_required ? null : "its text is missing";
  return check(text) ? null : faultOf("text", check);
}

function faultOf(what: string, check: ValidateFunction): string {
  const error = check.errors?.[0];
  if (error === undefined) return `${what} does not fit its schema`;
  const named = error.keyword === "additionalProperties" ? ` (${error.params.additionalProperty})` : "";
  return `${what}${error.instancePath} ${error.message ?? "does not fit its schema"}${named}`;
}
