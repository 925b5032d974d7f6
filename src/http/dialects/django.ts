import type { FastifyRequest } from "fastify";
import { parseInstant } from "../rfc3339.ts";
import { DialectError, ExactAnswer } from "./dialect-fault.ts";
import { formOf } from "./form-body.ts";
import { isObject, jsonBody, unstorable } from "./json-body.ts";

/** The fields of a body. */
export type Given = Readonly<Record<string, unknown>>;

const formats = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]";

/** Reads the fields of a body as a serializer of Django REST does, and gathers what is wrong by field, in its words. */
export class DjangoFields {
  readonly #faults: Record<string, string[]> = {};
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Whether the field was sent. */
  has(field: string): boolean {
    return Object.hasOwn(this.#given, field);
  }

  /** A text that must be there, of at most so many characters. */
  text(field: string, longest: number): string {
    const value = this.#present(field);
    if (value === undefined) return "";
    if (typeof value !== "string" && typeof value !== "number") return this.#fault(field, "Not a valid string.", "");
    const text = String(value).trim();
    if (text === "") return this.#fault(field, "This field may not be blank.", "");
    if (text.length > longest) {
      return this.#fault(field, `Ensure this field has no more than ${longest} characters.`, "");
    }
    const wrong = unstorable(text);
    return wrong === null ? text : this.#fault(field, `This field ${wrong}.`, "");
  }

  /** An integer that must be there; undefined where it is wrong. */
  integer(field: string, least: number, most: number): number | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    const digits = typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
    if (!/^-?\d{1,15}(\.0*)?$/.test(digits)) return this.#fault(field, "A valid integer is required.", undefined);
    const integer = Number(digits);
    if (integer < least) {
      return this.#fault(field, `Ensure this value is greater than or equal to ${least}.`, undefined);
    }
    if (integer <= most) return integer;
    return this.#fault(field, `Ensure this value is less than or equal to ${most}.`, undefined);
  }

  /** A time that must be there, as an instant. One without a zone is UTC. */
  time(field: string): string {
    const value = this.#present(field);
    if (value === undefined) return "";
    const instant = typeof value === "string" ? instantOf(value.trim()) : null;
    return (
      instant ?? this.#fault(field, `Datetime has wrong format. Use one of these formats instead: ${formats}.`, "")
    );
  }

  /** One of some words, whatever their case and whether spaces, dashes or underscores part them; undefined where it is wrong. */
  choice<Word extends string>(field: string, words: readonly Word[]): Word | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    const text =
      typeof value === "string"
        ? value
            .trim()
            .replace(/[\s_-]+/g, " ")
            .toLowerCase()
        : "";
    const word = words.find((known) => known.toLowerCase() === text);
    if (word !== undefined) return word;
    const said = typeof value === "string" ? value : JSON.stringify(value);
    return this.#fault(field, `"${said}" is not a valid choice.`, undefined);
  }

  /** A text; null where it is null or empty; undefined where it was not sent. */
  textOrNull(field: string): string | null | undefined {
    if (!this.has(field)) return undefined;
    const value = this.#given[field];
    if (value === null || value === "") return null;
    return typeof value === "string" ? value.trim() : this.#fault(field, "Not a valid string.", undefined);
  }

  /** Answers with 400 where anything was wrong. */
  refuseFaults(): void {
    if (Object.keys(this.#faults).length > 0) throw new ExactAnswer(400, this.#faults);
  }

  #present(field: string): unknown {
    if (!this.has(field)) return this.#fault(field, "This field is required.", undefined);
    return this.#given[field] ?? this.#fault(field, "This field may not be null.", undefined);
  }

  #fault<Value>(field: string, message: string, instead: Value): Value {
    this.#faults[field] = [message];
    return instead;
  }
}

/** A time as Django takes it. */
function instantOf(text: string): string | null {
  const match =
    /^(\d{4}-\d\d?-\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text);
  if (match === null) return null;
  const [, date = "", hour = "", minute, second = "00", fraction = "0", zone = "Z"] = match;
  const day = date
    .split("-")
    .map((part) => part.padStart(2, "0"))
    .join("-");
  const offset = /^z$/i.test(zone) ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
  return parseInstant(`${day}T${hour.padStart(2, "0")}:${minute}:${second}.${fraction}${offset}`);
}

/** The fields of a body, sent as JSON or as a form. Refuses other types, what cannot be read, and what is no object. */
export async function givenOf(request: FastifyRequest): Promise<Given> {
  const media_type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "application/json";
  const form = await formOf(request);
  if (form !== null) return form;
  if (!/^application\/(.+\+)?json$/.test(media_type) && Buffer.isBuffer(request.body) && request.body.length > 0) {
    throw new DialectError({ kind: "unsupported-media-type", media_type });
  }
  const body = jsonBody(request);
  if (body === undefined || isObject(body)) return body ?? {};
  const kind = body === null ? "NoneType" : Array.isArray(body) ? "list" : typeNames[typeof body];
  throw new ExactAnswer(400, { non_field_errors: [`Invalid data. Expected a dictionary, but got ${kind}.`] });
}

const typeNames: Readonly<Record<string, string>> = { string: "str", number: "int", boolean: "bool" };
