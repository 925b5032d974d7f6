import { STATUS_CODES } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from "fastify";
import { DeskUnavailable } from "../../desk/submission.ts";
import { LedgerClosed } from "../../ledger/ledger-errors.ts";
import { ListUnavailable } from "../../readmodels/list-unavailable.ts";
import { forbidden, has, principalOf, type Right, rightOfCommand } from "../../rules/rights.ts";
import { fastifySettings } from "../fastify-settings.ts";
import { learnOf } from "../plugins/admission.ts";
import { AnswerLog } from "../plugins/answer-log.ts";
import { noteKeyUse } from "../plugins/key-use.ts";
import { observeAnswers } from "../plugins/observation.ts";
import { recordRateLimit, recordRefusal } from "../plugins/refusals.ts";
import { RouteTable } from "../plugins/route-table.ts";
import { ProblemError } from "../problem-error.ts";
import { problemKind } from "../problems.ts";
import { protect } from "../protection/protect.ts";
import { securityHeaders } from "../protection/security-headers.ts";
import type { Services } from "../services.ts";
import type { Dialect, DialectApp } from "./dialect.ts";
import { DialectDesk } from "./dialect-desk.ts";
import { type Entrance, keyOf, takeKey } from "./dialect-entrance.ts";
import { DialectError, type DialectFault, ExactAnswer, type FaultAnswer } from "./dialect-fault.ts";
import { documentDialect } from "./documentation.ts";

/** Where the dialects of the main port are. */
export const mountedAt = "/compat";

/** What a dialect's application is built over. */
export interface DialectAppOptions {
  readonly services: Services;
  readonly entrance: Entrance;
  readonly logger?: FastifyBaseLogger;
}

/**
 * Builds the application of a dialect: its whole URL space, as it is on a port of its own. It listens to nothing yet.
 * Nothing of the service's own interface, nor of any other dialect, is in it.
 */
export async function buildDialectApp(dialect: Dialect, options: DialectAppOptions): Promise<DialectApp> {
  const { services, entrance, logger } = options;
  const app = fastify({
    ...fastifySettings(services, logger),
    rewriteUrl: (request) => takeKey(request),
    frameworkErrors: (error, request, reply) => {
      for (const [name, value] of securityHeaders(services.config.public_url ?? null)) reply.header(name, value);
      answerFault(error, request, reply);
      services.request_figures.unmatched.answered(reply.statusCode, 0);
    },
    exposeHeadRoutes: dialect.head,
  });
  const log = logger === undefined ? null : new AnswerLog(logger, services.runtime);
  const pattern = `${mountedAt}/${dialect.name}`;
  observeAnswers(app.withTypeProvider<TypeBoxTypeProvider>(), services.request_figures, log, pattern);
  const routes = new RouteTable();
  app.addHook("onRoute", (route) => routes.add(route));
  app.decorateRequest("actor", "");
  // A dialect checks bodies and queries by itself, in its own order and words; schemas are its documentation.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, bytes, done) => done(null, bytes));

  const { request_limits } = services;
  const credentialOf = ({ raw }: FastifyRequest) => keyOf(raw);
  const mark = (request: FastifyRequest, reply: FastifyReply) => reply.header("x-request-id", request.id);
  const { is_open } = entrance;
  const protection = protect(app, services, { credentialOf, is_open, hides_paths: true, mark });
  protection.before();
  app.addHook("onRequest", async (request, reply) => {
    mark(request, reply);
    // Who keeps a connection open is told to open the next one elsewhere.
    if (services.stop.ends_connections) reply.header("connection", "close");
    const actor = await entrance.actorOf(request.raw);
    if (actor !== null) await learnOf(services, actor);
    const principal = actor === null ? null : principalOf(services.desk.board, actor, () => services.desk.now());
    if (actor === null || principal === null) {
      const over = request_limits.refused(request, reply, credentialOf(request));
      throw over ?? new DialectError({ kind: "no-key", owner: actor ?? (await entrance.ownerOf(request.raw)) });
    }
    request.actor = actor;
    noteKeyUse(services, request);
    // Whether a key may write just what it writes, the desk says; but one that may write nothing like it learns nothing more.
    const right = rightOf(request);
    if (right !== null && !has(principal.role, right)) {
      throw new DialectError({ kind: "refused", refusal: forbidden(principal.role, right) });
    }
  });
  protection.after();
  app.addHook("onSend", (_request, reply, _payload, done) => {
    // As the originals say it: JSON has no charset.
    if (reply.getHeader("content-type") === "application/json; charset=utf-8") reply.header("content-type", json);
    done();
  });
  app.setNotFoundHandler((request) => {
    const allow = routes.methodsOf(request.url);
    // A path can look like a route that has the method and be none: there is no such file, for example.
    const isNone = allow.length === 0 || allow.includes(request.method);
    throw new DialectError(isNone ? { kind: "no-such-path" } : { kind: "method-not-allowed", allow });
  });
  app.setErrorHandler((error, request, reply) => {
    recordFault(faultOf(error), request);
    answerFault(error, request, reply);
  });

  function answerFault(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const answer = error instanceof ExactAnswer ? error.answer : answered(faultOf(error), request);
    if (answer.status >= 500) request.log.error({ err: error, request_id: request.id }, "a request failed");
    const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    const type = typeof answer.body === "string" ? "text/html; charset=utf-8" : json;
    reply
      .code(answer.status)
      .headers({ "content-type": type, ...answer.headers })
      .serializer(String)
      .send(body);
  }

  function recordFault(fault: DialectFault, request: FastifyRequest): void {
    const { access_log } = services.identity;
    if (fault.kind === "turned-away" && fault.status === 429) {
      recordRateLimit(access_log, request, keyOf(request.raw));
      return;
    }
    const isForbidden = fault.kind === "refused" && fault.refusal.code === "forbidden";
    const isBadKey = fault.kind === "no-key" && keyOf(request.raw) !== undefined;
    if (!isForbidden && !isBadKey) return;
    const { status } = dialect.answerFault(fault, request);
    const actor = fault.kind === "no-key" ? fault.owner : request.actor;
    recordRefusal(access_log, request, { status, actor, base: pattern });
  }

  function answered(fault: DialectFault, request: FastifyRequest): FaultAnswer {
    const answer = dialect.answerFault(fault, request);
    return { ...answer, headers: { ...headersOf(fault), ...answer.headers } };
  }

  await documentDialect(app, dialect);
  dialect.routes(app, new DialectDesk(services, dialect.team));
  await app.ready();
  return app;
}

const json = "application/json";

/** What a request takes at least, by what its method does in every dialect; null: there is no such route. */
function rightOf({ method, is404 }: FastifyRequest): Right | null {
  if (method === "GET" || method === "HEAD") return "read";
  if (is404) return null;
  if (method === "POST") return rightOfCommand.report;
  return method === "DELETE" ? rightOfCommand.delete : rightOfCommand.update;
}

function headersOf(fault: DialectFault): Record<string, string> {
  switch (fault.kind) {
    case "method-not-allowed":
      return { allow: fault.allow.join(", ") };
    case "unavailable":
      return { "retry-after": String(Math.max(1, Math.ceil(fault.retry_after_seconds))) };
    case "turned-away":
      return { ...fault.headers };
    default:
      return {};
  }
}

/** What an error is to a dialect. */
function faultOf(error: unknown): DialectFault {
  if (error instanceof DialectError) return error.fault;
  if (error instanceof DeskUnavailable || error instanceof ListUnavailable) {
    const { message: detail, retry_after_seconds } = error;
    return { kind: "unavailable", detail, retry_after_seconds };
  }
  if (error instanceof ProblemError) {
    // What turns a request away before it is a dialect's is the same for all.
    const { status, title } = problemKind(error.code);
    return {
      kind: "turned-away",
      status,
      phrase: STATUS_CODES[status] ?? title,
      detail: error.message,
      headers: error.headers,
    };
  }
  if (error instanceof LedgerClosed) return { kind: "unavailable", detail: error.message, retry_after_seconds: 5 };
  if (!(error instanceof Error) || !("statusCode" in error)) return { kind: "internal-error" };
  if (error.statusCode === 413) return { kind: "too-large" };
  // A path with an escape that is none leads nowhere.
  if ("code" in error && error.code === "FST_ERR_BAD_URL") return { kind: "no-such-path" };
  if (error.statusCode === 404) return { kind: "no-such-path" };
  const isCallers = typeof error.statusCode === "number" && error.statusCode >= 400 && error.statusCode < 500;
  return isCallers ? { kind: "bad-request", detail: "The request cannot be read." } : { kind: "internal-error" };
}
