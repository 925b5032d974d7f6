import { isUtf8 } from "node:buffer";
import type { FastifyRequest, RouteOptions } from "fastify";
import type { App } from "../app-type.ts";
import { jsonFault } from "../json-fault.ts";
import { ProblemError } from "../problem-error.ts";

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Reads bodies: JSON in UTF-8, and nothing else. Of double keys the last counts. An empty body is none at all, whatever
 * its media type says; where the route needs one, that is refused before anything is validated.
 */
export function parseBodies(app: App): void {
  app.decorateRequest("raw_body", null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, readJson);
  app.addContentTypeParser<Buffer>("application/merge-patch+json", { parseAs: "buffer" }, readMergePatch);
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, refuseOthers);
  app.addHook("onRoute", demandBody);
}

function readJson(request: FastifyRequest, bytes: Buffer, done: Done): void {
  if (request.headers["idempotency-key"] !== undefined) request.raw_body = bytes;
  const body = parse(bytes);
  if (body instanceof ProblemError) done(body);
  else done(null, body);
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) return malformed("The body is not UTF-8.");
  const whole = bytes.toString("utf8");
  const text = whole.charCodeAt(0) === 0xfeff ? whole.slice(1) : whole;
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words would repeat a piece of the body, which may be a password.
    const fault = jsonFault(text);
    const where = fault === null ? "" : `: line ${fault.line}, column ${fault.column} needs ${fault.expected}`;
    return malformed(`The body is not JSON${where}.`);
  }
}

function malformed(detail: string): ProblemError {
  return new ProblemError("malformed-json", detail);
}

function readMergePatch(request: FastifyRequest, bytes: Buffer, done: Done): void {
  if (request.method === "PATCH") readJson(request, bytes, done);
  else refuseOthers(request, bytes, done);
}

function refuseOthers(request: FastifyRequest, bytes: Buffer, done: Done): void {
  const sent = request.headers["content-type"];
  const detail = sent === undefined ? "The body has no Content-Type" : `The body is ${JSON.stringify(sent)}`;
  if (bytes.length === 0) done(null, undefined);
  else done(new ProblemError("unsupported-media-type", `${detail}; send it as application/json.`));
}

/** Gives every route with a body schema the check that the body is there. */
function demandBody(route: RouteOptions): void {
  if (route.schema?.body === undefined) return;
  const check = route.config?.optional_body === true ? fillBody : refuseMissingBody;
  route.preValidation = [check, ...[route.preValidation ?? []].flat()];
}

function fillBody(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
  if (request.body === undefined) request.body = {};
  done();
}

function refuseMissingBody(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
  if (request.body !== undefined) done();
  else done(new ProblemError("body-missing", "Send a JSON object as the body, with Content-Type: application/json."));
}
