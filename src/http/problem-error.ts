import { type ProblemCode, problemKind } from "./problems.ts";

/** One fault of a request: where it is and what is wrong there. */
export interface Fault {
  /** A field of the body, as a JSON pointer in a URI fragment (RFC 6901 §6): `#/labels/service`. */
  readonly pointer?: string;
  /** A parameter of the query. */
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** An answer of RFC 9457, as it goes out. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request id. */
  readonly instance: string;
  readonly errors?: readonly Fault[];
}

/** Thrown anywhere in a route to answer with a problem. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;
  /** Who it is that was turned away, where that is known: for the access log, never for the answer. */
  readonly actor: string | null;

  constructor(
    code: ProblemCode,
    detail: string,
    more: {
      readonly faults?: readonly Fault[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly actor?: string;
    } = {},
  ) {
    super(detail);
    this.name = "ProblemError";
    this.code = code;
    this.faults = more.faults ?? [];
    this.headers = more.headers ?? {};
    this.actor = more.actor ?? null;
  }
}

/** The document of a problem. */
export function problemDocument(
  code: ProblemCode,
  detail: string,
  request_id: string,
  faults: readonly Fault[] = [],
): ProblemDocument {
  const { status, title } = problemKind(code);
  const document = { type: `/problems/${code}`, title, status, detail, instance: request_id };
  return faults.length === 0 ? document : { ...document, errors: faults };
}

/** A request whose fields are wrong. */
export function invalid(faults: readonly Fault[]): ProblemError {
  const first = faults[0];
  const where = first?.pointer ?? first?.parameter ?? first?.header;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return new ProblemError(
    "validation-failed",
    first === undefined ? "The request is not valid." : `${where} ${first.detail}${more}.`,
    {
      faults,
    },
  );
}

/** A fault of one field of the body. */
export function invalidField(pointer: string, detail: string): ProblemError {
  return invalid([{ pointer, detail }]);
}

/** A fault of one parameter of the query. */
export function invalidParameter(parameter: string, detail: string): ProblemError {
  return invalid([{ parameter, detail }]);
}
