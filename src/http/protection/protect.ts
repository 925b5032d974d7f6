import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import { limits } from "../../config.ts";
import { ProblemError } from "../problem-error.ts";
import type { Services } from "../services.ts";
import { answerOrigin, isForeignHost, isForeignWrite, varyByOrigin } from "./browser-origins.ts";
import { securityHeaders } from "./security-headers.ts";
import { limitServer } from "./server-limits.ts";

/** What an application has of its own in this. */
export interface Protection {
  /** What the request shows to prove who sends it, if anything. */
  readonly credentialOf: (request: FastifyRequest) => string | undefined;
  /** Whether who shows nothing is let in. */
  readonly is_open: boolean;
  /** Gives an answer what every answer has, where it is turned away before anybody else could. */
  readonly mark: (request: FastifyRequest, reply: FastifyReply) => void;
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
 * that is known. The order of a refusal: too many headers, another host's name, another site's write, too many refusals before.
 */
export function protect(
  app: Pick<FastifyInstance, "addHook" | "server">,
  { config, request_limits }: Pick<Services, "config" | "request_limits">,
  { credentialOf, is_open, hides_paths, mark }: Protection,
): ProtectionHooks {
  const { host, public_url = null, cors_origins = [] } = config;
  const origins = { host, public_url, cors_origins };
  const headers = securityHeaders(public_url);
  const names = headers.map(([name]) => name);
  const values = headers.map(([, value]) => value);
  const isAsked = cors_origins.length > 0;

  function onRequest(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    for (let index = 0; index < names.length; index += 1) reply.header(names[index] ?? "", values[index]);
    if (isAsked && answerOrigin(request, reply, origins)) {
      mark(request, reply);
      reply.code(204).send();
      return;
    }
    try {
      admit(request);
    } catch (error) {
      mark(request, reply);
      done(error as Error);
      return;
    }
    done();
  }

  function admit(request: FastifyRequest): void {
    if (request.raw.rawHeaders.length > 2 * limits.headers) throw tooManyHeaders();
    // Mostly that is all; the route's options are gathered anew whenever they are asked for.
    if (!is_open && !request_limits.has_refused) return;
    const { config } = request.routeOptions;
    const credential = credentialOf(request);
    const proves_nothing = is_open && credential === undefined;
    // Orchestrators and load balancers ask for probes by an address of their own, and what a probe says is no secret. Everything
    // else, the metrics, the documentation and which paths there are, tells of a service that was meant for this machine alone.
    if (proves_nothing && config.probe !== true && !isKnownHost(request)) throw foreignHost();
    if (request.is404 && !hides_paths) return;
    if (config.handed_over === true || config.public === true) return;
    if (proves_nothing && isForeignWrite(request, origins)) throw foreignOrigin();
    request_limits.admit(request, credential);
  }

  let known_host: string | undefined;
  /** Most requests name the host as the last one did. */
  function isKnownHost(request: FastifyRequest): boolean {
    const { host } = request.headers;
    if (host === known_host) return true;
    if (isForeignHost(request, origins)) return false;
    known_host = host;
    return true;
  }

  function onPage(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    try {
      request_limits.admitToPage(request, reply);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  function onKnown(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    // Empty where nobody asks for who it is.
    try {
      if (request.actor !== "") countCaller(request, reply);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  function countCaller(request: FastifyRequest, reply: FastifyReply): void {
    const credential = credentialOf(request);
    const caller = is_open && credential === undefined ? null : String(request.actor);
    request_limits.admitCaller(request, reply, caller, credential);
  }

  return {
    before: () => {
      limitServer(app.server);
      app.addHook("onRequest", onRequest);
      app.addHook("onRoute", (route) => {
        if (route.config?.costly === true) route.onRequest = [...[route.onRequest ?? []].flat(), onPage];
      });
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

function foreignHost(): ProblemError {
  const detail =
    "The request's Host is none of this service's names, and no credential shows that it may. Ask for localhost or 127.0.0.1; PUBLIC_URL says which other name the service has.";
  return new ProblemError("foreign-host", detail);
}

function foreignOrigin(): ProblemError {
  const detail =
    "The page that sent this is another site's, as its Origin says, and no credential shows that it may. PUBLIC_URL says which origin is the service's own, CORS_ORIGINS which others may ask.";
  return new ProblemError("foreign-origin", detail);
}
