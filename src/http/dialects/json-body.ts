import { isUtf8 } from "node:buffer";
import type { FastifyRequest } from "fastify";
import { faultOfText, unstorableText } from "../validation/unstorable-text.ts";
import { DialectError, type JsonFault } from "./dialect-fault.ts";

/** A body as a JSON value; `undefined` where there is none. Of double keys the last counts. Refuses what is not JSON. */
export function jsonOf(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw malformed("", "Invalid UTF-8", 0);
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    throw malformed(text, expectation(message), offsetOf(message, text));
  }
}

/** The body of a request as a JSON value; see `jsonOf`. */
export function jsonBody(request: FastifyRequest): unknown {
  return jsonOf(request.body);
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with the first text of a body that no store could keep (NUL, half a character), or null. */
export function unstorable(value: unknown): string | null {
  if (typeof value === "string") return faultOfText(value);
  const [fault] = unstorableText(value);
  return fault === undefined ? null : `${fault.pointer?.replace("#/", "")} ${fault.detail}`;
}

function malformed(text: string, message: string, offset: number): DialectError {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const fault: JsonFault = { message, offset, line, column: offset - before.lastIndexOf("\n") };
  return new DialectError({ kind: "malformed-json", fault });
}

/** The parser's words in those that clients of these systems know. */
function expectation(message: string): string {
  if (/property name/i.test(message)) return "Expecting property name enclosed in double quotes";
  if (/after property name|':'/.test(message)) return "Expecting ':' delimiter";
  if (/',' or/.test(message)) return "Expecting ',' delimiter";
  if (/Unterminated string/.test(message)) return "Unterminated string starting at";
  if (/after JSON/.test(message)) return "Extra data";
  if (/control character/.test(message)) return "Invalid control character at";
  if (/escape/i.test(message)) return "Invalid \\escape";
  return "Expecting value";
}

function offsetOf(message: string, text: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Math.min(Number(position), text.length);
  if (/end of JSON input/.test(message)) return text.length;
  // Some messages name only the token that was not expected.
  const token = /token '(.)'/su.exec(message)?.[1];
  const found = token === undefined ? -1 : text.indexOf(token);
  return Math.max(found, 0);
}
