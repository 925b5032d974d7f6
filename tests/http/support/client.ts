import type { App } from "../../../src/http/app-type.ts";
import type { Json } from "./json.ts";
import { adminKey } from "./node.ts";

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body as a JSON object; empty where it is none. */
  readonly json: Json;
  readonly text: string;
}

export interface Request {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, as JSON unless `headers` say otherwise. */
  readonly raw?: string | Buffer;
  /** Null leaves one out that is sent otherwise. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Where it comes from; this machine unless a test says otherwise. */
  readonly address?: string;
}

export type Call = (method: Method, url: string, request?: Request) => Promise<Answer>;

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

/** Asks an application without a network, as the administrator unless `headers` say otherwise; notes what it saw. */
export function callerOf(app: App, seen: Seen[] = []): Call {
  return async (method, url, { body, raw, headers = {}, address = "127.0.0.1" } = {}) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const all: Record<string, string | null> = {
      authorization: `Bearer ${adminKey}`,
      ...(payload === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
    const response = await app.inject({
      method,
      url,
      remoteAddress: address,
      headers: Object.fromEntries(sent),
      ...(payload === undefined ? {} : { payload }),
    });
    seen.push({ method, url, status: response.statusCode });
    return {
      status: response.statusCode,
      headers: response.headers,
      json: objectOf(response.body),
      text: response.body,
    };
  };
}

function objectOf(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
  } catch {
    return {};
  }
}

/** The rows of a list. */
export function rowsOf(answer: Answer, name: string): readonly Json[] {
  const rows = answer.json[name];
  if (!Array.isArray(rows)) throw new Error(`the answer has no ${name}: ${answer.text.slice(0, 300)}`);
  return rows;
}

/** Where a problem says the faults are: pointers, parameters and headers. */
export function faultsOf(answer: Answer): readonly string[] {
  const { errors } = answer.json;
  if (!Array.isArray(errors)) return [];
  return errors.map((fault: Record<string, string>) => fault.pointer ?? fault.parameter ?? fault.header ?? "?");
}

/** The code of a problem. */
export function codeOf(answer: Answer): string {
  return String(answer.json.type).replace("/problems/", "");
}
