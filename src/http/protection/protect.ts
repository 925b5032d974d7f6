import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import { limits } from "../../config.ts";
import { ProblemError } from "../problem-error.ts";
import type { Services } from "../services.ts";
import { answerOrigin, isForeignWrite, varyByOrigin } from "./browser-origins.ts";
import { securityHeaders } from "./security-headers.ts";
import { limitServer } from "./server-limits.ts";

/** What an application has of its own in this. */
export interface Protection {
  /** What the request shows to prove who sends it, if anything. */
  readonly credentialOf: (request: FastifyRequest) => string | undefined;
  /** Whether who shows nothing is let in. */
  readonly is_open: boolean;
  /** Whether a credential is wanted even where there is no such path. */
  readonly hides_paths: boolean;
}

/** The hooks of an application, in the order in which they belong around the one that looks at the credential. */
export interface ProtectionHooks {
  readonly before: () => void;
  readonly after: () => void;
}

/**
 * Protects an application: `before` is called where the first hook belongs, before anybody looks at who asks, and `after` where
 * that is known. The order of a refusal: too many headers, another site's write, too many refusals before.
 */
export function protect(
  app: Pick<FastifyInstance, "addHook" | "server">,
  { config, request_limits }: Pick<Services, "config" | "request_limits">,
  { credentialOf, is_open, hides_paths }: Protection,
): ProtectionHooks {
  const { host, public_url = null, cors_origins = [] } = config;
  const origins = { host, public_url, cors_origins };
  const headers = securityHeaders(public_url);
  const isAsked = cors_origins.length > 0;

  function onRequest(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    for (const [name, value] of headers) reply.header(name, value);
    if (isAsked && answerOrigin(request, reply, origins)) {
      reply.code(204).send();
      return;
    }
    try {
      admit(request, reply);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  function admit(request: FastifyRequest, reply: FastifyReply): void {
    if (request.raw.rawHeaders.length > 2 * limits.headers) throw tooManyHeaders();
    const { handed_over, costly, public: isPublic } = request.routeOptions.config;
    if ((request.is404 && !hides_paths) || handed_over === true) return;
    if (costly === true) request_limits.admitToPage(request, reply);
    if (isPublic === true) return;
    const credential = credentialOf(request);
    if (is_open && credential === undefined && isForeignWrite(request, origins)) throw foreignOrigin();
    request_limits.admit(request, credential);
  }

  function onKnown(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    // Empty where nobody asks for who it is.
    const isKnown = request.actor !== "";
    try {
      if (isKnown) {
        const credential = credentialOf(request);
        const caller = is_open && credential === undefined ? null : String(request.actor);
        request_limits.admitCaller(request, reply, caller, credential);
      }
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    before: () => {
      limitServer(app.server);
      app.addHook("onRequest", onRequest);
      if (!isAsked) return;
      app.addHook("onSend", (_request, reply, _payload, done) => {
        reply.header("vary", varyByOrigin(reply.getHeader("vary")));
        done();
      });
    },
    after: () => {
      if (request_limits.looks_at_callers) app.addHook("onRequest", onKnown);
    },
  };
}

function tooManyHeaders(): ProblemError {
  return new ProblemError("headers-too-large", `The request has more than ${limits.headers} headers.`);
}

function foreignOrigin(): ProblemError {
  const detail =
    "The page that sent this is another site's, as its Origin says, and no credential shows that it may. PUBLIC_URL says which origin is the service's own, CORS_ORIGINS which others may ask.";
  return new ProblemError("foreign-origin", detail);
}
