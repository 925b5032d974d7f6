import type { FastifyRequest } from "fastify";
import { ExactAnswer } from "./dialect-fault.ts";
import { isObject, jsonBody } from "./json-body.ts";

/** One entry of a 422 of FastAPI, as Pydantic 2 writes it. */
export interface Fault {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** A 422 with these entries. */
export function invalid(...detail: Fault[]): ExactAnswer {
  return new ExactAnswer(422, { detail });
}

/** Something that must be there is not. */
export const missing = (loc: Fault["loc"], input: unknown): Fault => ({
  type: "missing",
  loc,
  msg: "Field required",
  input,
});

/** Something that is none of some words. */
export function enumFault(loc: Fault["loc"], input: unknown, words: readonly string[]): Fault {
  const quoted = words.map((word) => `'${word}'`);
  const expected = `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
  return { type: "enum", loc, msg: `Input should be ${expected}`, input, ctx: { expected } };
}

/** A body: JSON where the content type says so, or none is said; anything else is a text. Refuses what is not JSON. */
export function bodyOf(request: FastifyRequest): unknown {
  const media_type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  const isJson = media_type === undefined || /^application\/(.+\+)?json$/.test(media_type);
  if (isJson || !Buffer.isBuffer(request.body) || request.body.length === 0) return jsonBody(request);
  return request.body.toString("utf8");
}

/** What is wrong with a body that must be an object, or null. */
export function bodyFault(body: unknown): Fault | null {
  if (isObject(body)) return null;
  if (body === undefined || body === null) return missing(["body"], null);
  const msg = "Input should be a valid dictionary or object to extract fields from";
  return { type: "model_attributes_type", loc: ["body"], msg, input: body };
}

/** A body that must be an object; refuses any other. */
export function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  const fault = bodyFault(body);
  if (isObject(body)) return body;
  throw invalid(...(fault === null ? [] : [fault]));
}

/** An integer, however large it is; null: the text is none. */
export function integerOf(input: string): bigint | null {
  return /^\s*[+-]?\d+(\.0+)?\s*$/.test(input) ? BigInt(input.trim().replace(/\.0+$/, "")) : null;
}

/** A text that is no integer. */
export function integerFault(loc: Fault["loc"], input: string): Fault {
  const msg = "Input should be a valid integer, unable to parse string as an integer";
  return { type: "int_parsing", loc, msg, input };
}

/** What is wrong with a text that must be an integer of a range, or null. */
export function rangeFault(loc: Fault["loc"], input: string, least: number, most: number): Fault | null {
  if (integerOf(input) === null) return integerFault(loc, input);
  if (Number(input) < least) {
    const msg = `Input should be greater than or equal to ${least}`;
    return { type: "greater_than_equal", loc, msg, input, ctx: { ge: least } };
  }
  if (Number(input) <= most) return null;
  return {
    type: "less_than_equal",
    loc,
    msg: `Input should be less than or equal to ${most}`,
    input,
    ctx: { le: most },
  };
}

/** A 422, for the documentation. */
export const validationError = {
  type: "object",
  properties: {
    detail: {
      type: "array",
      items: {
        type: "object",
        properties: {
          type: { type: "string" },
          loc: { type: "array", items: { type: ["string", "integer"] } },
          msg: { type: "string" },
          input: {},
        },
        required: ["type", "loc", "msg"],
      },
    },
  },
  examples: [{ detail: [missing(["body", "source"], { description: "…" })] }],
};
