import type { Refusal } from "../../rules/refusal.ts";

/** What can go wrong with a request in every dialect. */
export type DialectFault =
  | { readonly kind: "no-such-path" }
  | { readonly kind: "method-not-allowed"; readonly allow: readonly string[] }
  | { readonly kind: "malformed-json"; readonly fault: JsonFault }
  | { readonly kind: "unsupported-media-type"; readonly media_type: string }
  | { readonly kind: "too-large" }
  | { readonly kind: "bad-request"; readonly detail: string }
  /** A key is needed in the path, and there is none or it is not valid. `owner`: whose it is or was, for the record alone. */
  | { readonly kind: "no-key"; readonly owner: string | null }
  /** The rules refuse what was asked. */
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** It asks too often, has too many headers, or comes from where it may not. */
  | {
      readonly kind: "turned-away";
      readonly status: number;
      readonly phrase: string;
      readonly detail: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: "unavailable"; readonly detail: string; readonly retry_after_seconds: number }
  | { readonly kind: "internal-error" };

/** Where a body stops being JSON. */
export interface JsonFault {
  /** What was expected there, for example `Expecting value`. */
  readonly message: string;
  /** In characters, from 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** How a dialect answers a fault. */
export interface FaultAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown in a route of a dialect for what every dialect answers in a way of its own. */
export class DialectError extends Error {
  readonly fault: DialectFault;
  constructor(fault: DialectFault) {
    super(fault.kind);
    this.name = "DialectError";
    this.fault = fault;
  }
}

/** Thrown in a route of a dialect to answer with exactly this. */
export class ExactAnswer extends Error {
  readonly answer: FaultAnswer;
  constructor(status: number, body: unknown) {
    super(`answered with ${status}`);
    this.name = "ExactAnswer";
    this.answer = { status, body };
  }
}

/** What can go wrong in a way that no dialect has words of its own for. */
export type PlainFault = Extract<
  DialectFault,
  {
    readonly kind:
      | "unsupported-media-type"
      | "too-large"
      | "bad-request"
      | "turned-away"
      | "unavailable"
      | "internal-error";
  }
>;

/** The status of such a fault, HTTP's phrase for it, and what more there is to say. */
export function plainly(fault: PlainFault): {
  readonly status: number;
  readonly phrase: string;
  readonly detail?: string;
} {
  switch (fault.kind) {
    case "unsupported-media-type":
      return { status: 415, phrase: "Unsupported Media Type" };
    case "too-large":
      return { status: 413, phrase: "Request Entity Too Large" };
    case "bad-request":
      return { status: 400, phrase: "Bad Request", detail: fault.detail };
    case "turned-away":
      return { status: fault.status, phrase: fault.phrase, detail: fault.detail };
    case "unavailable":
      return { status: 503, phrase: "Service Unavailable", detail: fault.detail };
    case "internal-error":
      return { status: 500, phrase: "Internal Server Error" };
    default:
      return fault satisfies never;
  }
}
