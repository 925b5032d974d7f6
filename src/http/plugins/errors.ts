import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { WorkRefused } from "../../access/bounded-work.ts";
import { DeskUnavailable, unavailable } from "../../desk/submission.ts";
import { LedgerClosed, UnreadableEvent } from "../../ledger/ledger-errors.ts";
import { ListUnavailable } from "../../readmodels/list-unavailable.ts";
import { PastUnavailable } from "../../readmodels/past.ts";
import { ProblemError, problemDocument } from "../problem-error.ts";
import { type ProblemCode, problemKind } from "../problems.ts";
import { securityHeaders } from "../protection/security-headers.ts";
import type { Services } from "../services.ts";
import { markAnswer } from "./arrival.ts";

/** What the framework refuses by itself, in our codes. */
const codeOfFramework: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "bad-request",
  FST_ERR_BAD_URL: "malformed-url",
  FST_ERR_MAX_PARAM_LENGTH: "route-not-found",
  FST_STATIC_FORBIDDEN_PATH: "route-not-found",
};

/** Answers an error as a problem. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  logFault(problem, error, request);
  // What a route already said of the good answer that it had in mind does not hold for this one.
  for (const header of ["etag", "location", "link", "idempotency-replayed"]) reply.removeHeader(header);
  request.problem = problem.code;
  reply
    .code(problemKind(problem.code).status)
    .headers({ ...problem.headers })
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(problemDocument(problem.code, problem.message, request.id, problem.faults));
}

/** Whether what was shown to prove who asks does not. A sign-in that fails is another matter, with limits of its own. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof ProblemError && error.code === "unauthorized";
}

/** Answers what the framework refuses before any route or hook has seen it. */
export function answerFrameworkError(
  { desk, config }: Pick<Services, "desk" | "config">,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  for (const [name, value] of securityHeaders(config.public_url ?? null)) reply.header(name, value);
  markAnswer(request, reply, desk.durable_position);
  answerError(error, request, reply);
}

/** Logs what is the service's own fault, with the request id; the caller learns no more than the problem says. */
export function logFault(problem: ProblemError, error: unknown, request: FastifyRequest): void {
  if (problemKind(problem.code).status !== 500) return;
  const { id, method, routeOptions, log } = request;
  log.error({ request_id: id, method, route: routeOptions.url, err: error }, "a request failed");
}

/** The problem that an error is answered with; `internal-error` where nobody expected it. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof DeskUnavailable) {
    return new ProblemError(error.reason, error.message, {
      headers: retryAfter(error),
    });
  }
  if (error instanceof WorkRefused) {
    return new ProblemError("sign-in-busy", "Too many sign in just now.", { headers: retryAfter(error) });
  }
  if (error instanceof LedgerClosed) return problemOf(unavailable("unreadable"));
  if (error instanceof UnreadableEvent) return damaged(error);
  if (error instanceof ListUnavailable) {
    return new ProblemError("list-unavailable", error.message, { headers: retryAfter(error) });
  }
  if (error instanceof PastUnavailable) {
    return new ProblemError("past-unavailable", error.message, { headers: retryAfter(error) });
  }
  if (isFrameworkError(error)) {
    const code = codeOfFramework[error.code];
    if (code !== undefined) return new ProblemError(code, problemKind(code).explanation);
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return new ProblemError("bad-request", "The request cannot be read.");
  }
  return new ProblemError(
    "internal-error",
    "Something went wrong in the service; its log says what, under this request id.",
  );
}

function damaged({ position }: UnreadableEvent): ProblemError {
  const detail = `The ledger holds an event that cannot be read, at position ${position}. The command \`verify\` tells more.`;
  return new ProblemError("ledger-damaged", detail);
}

function isFrameworkError(error: unknown): error is FastifyError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

function retryAfter({ retry_after_seconds }: { readonly retry_after_seconds: number }): Record<string, string> {
  return { "retry-after": String(Math.max(1, Math.ceil(retry_after_seconds))) };
}
