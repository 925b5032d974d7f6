import { type Static, type TObject, type TProperties, Type } from "@sinclair/typebox";
import { Ajv, type ValidateFunction } from "ajv";
import { chainFormat } from "../ledger/chain.ts";
import { isStorableJson } from "../ledger/plain-text.ts";
import { WrongContent } from "./wrong-content.ts";

const strict = <Properties extends TProperties>(properties: Properties): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false });

const Count = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Hash = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Head = strict({ position: Count, hash: Hash });

/** The first line of an export. `head`: where the ledger ended when the export began, which is where it ends. */
export const ExportHeader = strict({
  format: Type.Literal("incident-ledger/export/1"),
  chain: Type.Literal(chainFormat),
  ledger_id: Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" }),
  head: Head,
  rules: Count,
});

/** The last line of an export, so that one that was cut off is known for certain. */
export const ExportEnd = strict({
  end: strict({ events: Count, head: Head, board_format: Count, state_hash: Hash }),
});

/** The first line of an incident's proof. `previous_hash`: the hash that its first event follows. */
export const ProofHeader = strict({
  format: Type.Literal("incident-ledger/proof/1"),
  chain: Type.Literal(chainFormat),
  incident: Count,
  previous_hash: Hash,
});

/** The last line of a proof: how many events of the incident there are, and of others; and the head they lead to. */
export const ProofEnd = strict({
  end: strict({ events: Count, others: Type.Integer({ minimum: 0 }), head: Head }),
});

const hashed = {
  position: Count,
  stream: Type.String(),
  version: Count,
  type: Type.String(),
  schema_version: Count,
  recorded_at: Type.String(),
  actor: Type.String(),
  command_id: Type.String(),
  meta: Type.String(),
  data: Type.String(),
};
/** All zeros would be hashed like null. */
const digest = Type.Union([Type.String({ pattern: "^(?!0{64}$)[0-9a-f]{64}$" }), Type.Null()]);

/** A whole event. */
export const EventShape = strict({
  ...hashed,
  text: Type.Union([Type.String(), Type.Null()]),
  text_salt: Type.Union([Type.String({ pattern: "^([0-9a-f]{2}){1,64}$" }), Type.Null()]),
  text_digest: digest,
  hash: Hash,
});

/** An event without what people wrote. */
export const HashedShape = strict({ ...hashed, text_digest: digest, hash: Hash });

const ajv = new Ajv({ strict: false, logger: false });
const compiled = new Map<TObject, ValidateFunction>();

function checkOf(shape: TObject): ValidateFunction {
  const known = compiled.get(shape);
  if (known !== undefined) return known;
  const check = ajv.compile(shape);
  compiled.set(shape, check);
  return check;
}

/** One line of a file, without its line feed, and its number from 1. */
export interface Line {
  readonly number: number;
  readonly json: string;
}

/** Parses a line. Throws `WrongContent` where it is not JSON. */
export function parseLine({ number, json }: Line): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw WrongContent.at(number, "it is not JSON");
  }
}

/** Whether what a line holds is of this shape. */
export function fits<Shape extends TObject>(value: unknown, shape: Shape): value is Static<Shape> {
  return checkOf(shape)(value);
}

/**
 * What a line holds, of this shape and written exactly as we write it, so that no byte of it may differ and mean the same.
 * Throws `WrongContent`.
 */
export function readLine<Shape extends TObject>(line: Line, value: unknown, shape: Shape, what: string): Static<Shape> {
  if (!fits(value, shape)) {
    const error = checkOf(shape).errors?.[0];
    const where = `${error?.instancePath ?? ""} ${error?.message ?? "is of another shape"}`.trim();
    throw WrongContent.at(line.number, `it is not ${what}: ${where}`);
  }
  if (writeLine(value, shape) !== line.json) {
    throw WrongContent.at(line.number, "it was altered: it is not written as this program writes it");
  }
  if (!isStorableJson(line.json, value)) {
    throw WrongContent.at(line.number, "a string in it holds a NUL or half a surrogate pair");
  }
  return value;
}

/** The one way to write a value of this shape: its fields in the shape's order, without spaces. */
export function writeLine<Shape extends TObject>(value: Static<Shape>, shape: Shape): string {
  return JSON.stringify(inOrder(value, shape));
}

function inOrder(value: Readonly<Record<string, unknown>>, shape: TObject): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(shape.properties)) {
    const member = value[name];
    const isObject = property.type === "object" && typeof member === "object" && member !== null;
    ordered[name] = isObject ? inOrder(member as Record<string, unknown>, property as TObject) : member;
  }
  return ordered;
}
