import type { EventDefinition } from "../../events/define-event.ts";
import type { EventMeta, RecordedEvent } from "../../events/recorded-event.ts";
import { definitions } from "../../events/registry.ts";
import { type Bodies, type Upcaster, upcast, upcasters } from "../../events/upcasters.ts";
import { dataFault, envelopeFault, metaFault, textFault } from "./event-checks.ts";
import type { HashedEvent } from "./ledger.ts";
import { InvalidCommit, UnreadableEvent } from "./ledger-errors.ts";
import { isStorable, isStorableJson } from "./plain-text.ts";

/** An event as it will be stored, before it has its hash. The bodies are JSON, made once and never again. */
export interface EncodedEvent {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: string;
  readonly actor: string;
  readonly command_id: string;
  readonly meta: string;
  readonly data: string;
  readonly text: string | null;
  readonly text_salt: Uint8Array | null;
}

/** An event as it was stored, its bodies still JSON. */
export interface EventRow extends Omit<EncodedEvent, "text_salt"> {
  /** Whether it has, or had, a text. */
  readonly had_text: boolean;
  /** The position of the event that erased its text; null or left out: none did. */
  readonly erased_by?: number | null;
  /** 64 hex digits. */
  readonly hash: string;
}

/** What events there are, and how old versions of them are brought to the present. */
export interface Vocabulary {
  readonly definitions: ReadonlyMap<string, EventDefinition>;
  readonly steps: readonly Upcaster[];
}

const present: Vocabulary = { definitions, steps: upcasters };

const saltLength = 16;

/**
 * Checks an event against its schema and turns it into what is stored. Throws `InvalidCommit` for whatever could not be
 * read back as it is. `random` gives that many fresh bytes for the salt of its text.
 */
export function encodeEvent(event: RecordedEvent, random: (length: number) => Uint8Array): EncodedEvent {
  const fault = faultBefore(event);
  if (fault !== null) throw invalid(event, fault);
  const data = JSON.stringify(event.data);
  const text = event.text === null ? null : JSON.stringify(event.text);
  if (!isStorableJson(data, event.data) || (text !== null && !isStorableJson(text, event.text))) {
    throw invalid(event, "a string in it holds a NUL or half a surrogate pair");
  }
  return {
    position: event.position,
    stream: event.stream,
    version: event.version,
    type: event.type,
    schema_version: event.schema_version,
    recorded_at: event.recorded_at,
    actor: event.actor,
    command_id: event.command_id,
    meta: encodeMeta(event.meta),
    data,
    text,
    text_salt: text === null ? null : random(saltLength),
  };
}

function faultBefore(event: RecordedEvent): string | null {
  const definition: EventDefinition | undefined = definitions.get(event.type);
  if (definition === undefined) return "no event has this name";
  if (event.schema_version !== definition.version) return `it is written in version ${definition.version} today`;
  return (
    envelopeFault(event) ??
    (isStorable(event.actor) ? null : "its actor holds a NUL or half a surrogate pair") ??
    metaFault(event.meta) ??
    dataFault(definition, event.data) ??
    textFault(definition, event.text, false)
  );
}

function invalid(event: RecordedEvent, fault: string): InvalidCommit {
  return new InvalidCommit(`${event.type} cannot be recorded at position ${event.position}: ${fault}.`);
}

/** Always in this order: the first event of a commit is found by how its meta begins. */
function encodeMeta({ offset, events, rules, because }: EventMeta): string {
  const start = `{"offset":${offset},"events":${events},"rules":${rules}`;
  return because === undefined ? `${start}}` : `${start},"because":${JSON.stringify(because)}}`;
}

/**
 * Reads a stored event: parses its bodies, brings them to the present version, checks them against the schema. Throws
 * `UnreadableEvent`, which names the position, where one of these fails.
 */
export function decodeEvent(row: EventRow, vocabulary: Vocabulary = present): HashedEvent {
  const definition = vocabulary.definitions.get(row.type);
  if (definition === undefined) throw new UnreadableEvent(row.position, `this build knows no event named ${row.type}`);
  const { meta, bodies } = parseBodies(row, definition, vocabulary.steps);
  const fault =
    envelopeFault(row) ??
    metaFault(meta) ??
    dataFault(definition, bodies.data) ??
    textFault(definition, bodies.text, row.had_text && bodies.text === null);
  if (fault !== null) throw new UnreadableEvent(row.position, fault);
  const event = {
    position: row.position,
    stream: row.stream,
    version: row.version,
    type: row.type,
    schema_version: row.schema_version,
    recorded_at: row.recorded_at,
    actor: row.actor,
    command_id: row.command_id,
    meta,
    data: bodies.data,
    text: bodies.text,
    hash: row.hash,
    ...(typeof row.erased_by === "number" ? { erased_by: row.erased_by } : {}),
  };
  // Every part has just been checked against the schema that this type is made from.
  return event as unknown as HashedEvent;
}

function parseBodies(row: EventRow, definition: EventDefinition, steps: readonly Upcaster[]) {
  try {
    const meta: unknown = JSON.parse(row.meta);
    const stored: Bodies = { data: JSON.parse(row.data), text: row.text === null ? null : JSON.parse(row.text) };
    return { meta, bodies: upcast(row.type, row.schema_version, definition.version, stored, steps) };
  } catch (error) {
    // The parser's own message quotes what it read, which may be a text that belongs in no log.
    const isNoJson = error instanceof SyntaxError;
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableEvent(row.position, isNoJson ? "one of its bodies is no JSON" : why);
  }
}
