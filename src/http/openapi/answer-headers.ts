import type { FastifyContextConfig } from "fastify";

interface HeaderObject {
  readonly description: string;
  readonly required?: true;
  readonly schema: object;
}

const exampleTag = '"3"';

/** Every header of an answer that has a meaning of its own here, as the document describes it. */
export const headerObjects: Readonly<Record<string, HeaderObject>> = {
  "Ledger-Position": {
    description: "the position that the answer reflects, or wrote",
    required: true,
    schema: { type: "integer", minimum: 0, examples: [18] },
  },
  "X-Request-Id": {
    description:
      "names the request in the log: the caller's own X-Request-Id where it sent a plain word, else one made here",
    required: true,
    schema: { type: "string", examples: ["5c1f9a3b-1"] },
  },
  ETag: {
    description: "the version, in quotes; for If-Match and If-None-Match",
    required: true,
    schema: { type: "string", examples: [exampleTag] },
  },
  Location: {
    description: "where it is from now on",
    schema: { type: "string", format: "uri-reference", examples: ["/incidents/0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11"] },
  },
  Link: {
    description: "the next page, where there is one (RFC 8288)",
    schema: { type: "string", examples: ['</incidents?cursor=WzQyXQ>; rel="next"'] },
  },
  "Idempotency-Replayed": {
    description: "`true` where this is the stored answer to an earlier request with the same Idempotency-Key",
    schema: { type: "string", enum: ["true"] },
  },
  Vary: {
    description: "the answer depends on these headers of the request",
    schema: { type: "string", examples: ["accept"] },
  },
  "Content-Disposition": {
    description: "the name of the file, where the answer is one",
    schema: { type: "string", examples: ['attachment; filename="statistics.csv"'] },
  },
  "Retry-After": {
    description: "after how many seconds to try again",
    schema: { type: "integer", minimum: 1, examples: [1] },
  },
  "Set-Cookie": {
    description: "marks the device as one that its owner has signed in with; it opens nothing",
    schema: { type: "string", examples: ["il_device=…; Path=/auth; HttpOnly; SameSite=Strict"] },
  },
  "RateLimit-Policy": {
    description: "where a limit counts this request: how many (`q`) in how many seconds (`w`)",
    schema: { type: "string", examples: ['"credential";q=600;w=60'] },
  },
  RateLimit: {
    description: "how many may follow at once (`r`), and in how many seconds all of them can be had again (`t`)",
    schema: { type: "string", examples: ['"credential";r=599;t=1'] },
  },
  "WWW-Authenticate": {
    description: "which credential is wanted (RFC 6750)",
    required: true,
    schema: { type: "string", examples: ['Bearer realm="incident-ledger"'] },
  },
};

/** What the headers of a good answer follow from. */
interface GoodAnswer {
  readonly method: string;
  readonly config: FastifyContextConfig;
  readonly isList: boolean;
  /** Whether the route can answer that something has been made. */
  readonly isMaking: boolean;
}

/** Which headers a good answer has. */
export function goodAnswerHeaders({ method, config, isList, isMaking }: GoodAnswer): readonly string[] {
  const isCounted = config.public !== true || config.costly === true;
  return [
    ...everyAnswer,
    ...(isCounted ? limitHeaders : []),
    ...(config.tagged === true ? ["ETag"] : []),
    ...(isMaking ? ["Location"] : []),
    ...(isList ? ["Link"] : []),
    ...(method !== "GET" && config.beside_ledger !== true ? ["Idempotency-Replayed"] : []),
    ...(config.marks_device === true ? ["Set-Cookie"] : []),
    ...(config.page === true || config.csv_example !== undefined ? ["Vary"] : []),
    ...(config.csv_example !== undefined ? ["Content-Disposition"] : []),
  ];
}

/** Which headers a problem has. */
export function problemHeaders(status: number): readonly string[] {
  return [
    ...everyAnswer,
    ...limitHeaders,
    ...(status === 401 ? ["WWW-Authenticate"] : []),
    ...(status === 503 || status === 429 ? ["Retry-After"] : []),
  ];
}

const limitHeaders = ["RateLimit-Policy", "RateLimit"];
const everyAnswer = ["Ledger-Position", "X-Request-Id"];
