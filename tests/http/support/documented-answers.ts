import { DocumentSchemas } from "./document-schemas.ts";
import type { Json } from "./json.ts";
import { type Operation, operationFor, operationsOf } from "./openapi.ts";

/** An answer, as far as the document has anything to say of it. */
export interface AnswerSeen {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Their names in small letters. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Undefined where it cannot be seen. */
  readonly body: string | undefined;
}

interface Described {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema: unknown }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown; readonly examples?: Json }>>;
}

/** What any request may be answered with, as the introduction of the document says. */
const anywhere = ["route-not-found", "method-not-allowed", "bad-request", "request-timeout", "headers-too-large"];
/** Pages for people, which are not in the document. */
const pages = /^\/(?:docs|redoc)(?:[/?]|$)/;
/** Headers that are HTTP's own, and those that only tell a browser what a page may do. */
const unsaid =
  /^(?:content-(?:type|length|security-policy)|date|connection|keep-alive|transfer-encoding|x-content-type-options|x-frame-options|x-(?:dns-prefetch-control|download-options|permitted-cross-domain-policies|xss-protection)|origin-agent-cluster|referrer-policy|cross-origin-(?:opener|resource)-policy|strict-transport-security|allow|retry-after|cache-control)$/;

/** Holds answers against the OpenAPI document: their status, media type, headers, problem and body must be in it. */
export class DocumentedAnswers {
  readonly #schemas: DocumentSchemas;
  readonly #operations: readonly Operation[];

  constructor(document: Json) {
    this.#schemas = new DocumentSchemas(document);
    this.#operations = operationsOf(document);
  }

  /** What the document does not have of an answer, or null. */
  faultOf(answer: AnswerSeen): string | null {
    if (pages.test(answer.url)) return null;
    // The document has no HEAD; where a GET cannot be asked for its head alone, that is refused without a body.
    if (answer.method === "HEAD" && answer.status === 405) return null;
    const fault = this.#isAnywhere(answer) ? this.#faultOfProblem(answer) : this.#faultOfOperation(answer);
    if (fault === null) return null;
    const { method, url, status, body = "" } = answer;
    return `${method} ${url.slice(0, 200)} was answered with ${status}: ${fault}\n${body.slice(0, 500)}`;
  }

  #isAnywhere({ headers, body }: AnswerSeen): boolean {
    return isProblem(headers) && body !== undefined && anywhere.includes(codeIn(body));
  }

  #faultOfProblem({ body = "" }: AnswerSeen): string | null {
    return this.#schemas.faultOf({ $ref: "#/components/schemas/Problem" }, JSON.parse(body));
  }

  #faultOfOperation(answer: AnswerSeen): string | null {
    const { method, url, status, headers, body } = answer;
    const operation = operationFor(this.#operations, method === "HEAD" ? "GET" : method, url);
    if (operation === undefined) {
      const isToldToNobody = isProblem(headers) && codeIn(body ?? "") === "foreign-host";
      return isToldToNobody ? null : "the document has no such operation";
    }
    const described = (operation.json.responses as Readonly<Record<string, Described>>)[status];
    if (described === undefined) return "the document has no such status";
    return (
      faultOfHeaders(described, headers) ?? (body === undefined ? null : this.#faultOfBody(described, headers, body))
    );
  }

  #faultOfBody({ content }: Described, headers: AnswerSeen["headers"], body: string): string | null {
    if (content === undefined) return body === "" ? null : "the document has no body";
    const media = content[mediaType(headers)];
    if (media === undefined) return `the document has no ${mediaType(headers)}`;
    if (!/\bjson$/.test(mediaType(headers))) return null;
    const fault = this.#schemas.faultOf(media.schema, JSON.parse(body));
    if (fault !== null || !isProblem(headers)) return fault;
    return Object.hasOwn(media.examples ?? {}, codeIn(body)) ? null : `the document has no ${codeIn(body)} there`;
  }
}

function faultOfHeaders({ headers = {} }: Described, answered: AnswerSeen["headers"]): string | null {
  const described = new Map(Object.entries(headers).map(([name, header]) => [name.toLowerCase(), header]));
  const undescribed = Object.keys(answered).filter((name) => !described.has(name) && !unsaid.test(name));
  if (undescribed.length > 0) return `the document has no header ${undescribed.join(", ")}`;
  const missing = [...described].filter(([name, { required }]) => required === true && answered[name] === undefined);
  return missing.length > 0 ? `the header ${missing.map(([name]) => name).join(", ")} is missing` : null;
}

function mediaType(headers: AnswerSeen["headers"]): string {
  return String(headers["content-type"]).split(";", 1)[0] ?? "";
}

function isProblem(headers: AnswerSeen["headers"]): boolean {
  return mediaType(headers) === "application/problem+json";
}

function codeIn(body: string): string {
  return String((JSON.parse(body) as Json).type).replace("/problems/", "");
}
