import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import type { DialectChoice } from "../../config.ts";
import type { App } from "../app-type.ts";
import { ProblemError } from "../problem-error.ts";
import { serverOptions } from "../protection/server-limits.ts";
import type { Services } from "../services.ts";
import { dialects } from "./all-dialects.ts";
import type { DialectApp } from "./dialect.ts";
import { buildDialectApp, mountedAt } from "./dialect-app.ts";
import { entranceOf, originForm, takeBase } from "./dialect-entrance.ts";

/** A dialect that is served. */
export interface ServedDialect extends DialectChoice {
  readonly app: DialectApp;
}

/** Builds the applications of the dialects that are on. */
export function buildDialects(services: Services, logger?: FastifyBaseLogger): Promise<ServedDialect[]> {
  const { dialects: chosen = [], dialects_open = false } = services.config;
  return Promise.all(
    chosen.map(async (choice) => {
      const entrance = entranceOf(choice.name, dialects_open, services.keys);
      const options = { services, entrance, ...(logger === undefined ? {} : { logger }) };
      return { ...choice, app: await buildDialectApp(dialects[choice.name], options) };
    }),
  );
}

/**
 * Makes a server that hands requests for a dialect over before the service's own application sees them: to go through two
 * applications would cost a third of a request's time. `timeouts` are as Fastify sets them on a server of its own.
 */
export function serverWithDialects(served: readonly ServedDialect[]) {
  const byName = appsByName(served);
  return (handler: RequestListener, timeouts: Timeouts): Server => {
    const server = createServer(serverOptions, (request, response) => {
      if (!handOver(byName, request, response)) handler(request, response);
    });
    server.keepAliveTimeout = timeouts.keepAliveTimeout ?? server.keepAliveTimeout;
    server.requestTimeout = timeouts.requestTimeout ?? server.requestTimeout;
    return server.setTimeout(timeouts.connectionTimeout ?? 0);
  };
}

interface Timeouts {
  readonly keepAliveTimeout?: number;
  readonly requestTimeout?: number;
  readonly connectionTimeout?: number;
}

/**
 * Serves the dialects under /compat/<name> of the application. A request for one is handed over as it came, but for the
 * beginning of its path; from there on everything, faults included, is the dialect's own.
 */
export function mountDialects(app: App, served: readonly ServedDialect[]): void {
  const byName = appsByName(served);
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const { dialect } = request.params as { readonly dialect: string };
    if (handOver(byName, request.raw, reply.raw)) {
      reply.hijack();
      return;
    }
    // Whoever forgot the dialect's name has a key in its place.
    const name = dialect.startsWith("il_") ? "of that name" : dialect.slice(0, 32);
    done(new ProblemError("route-not-found", `No dialect ${name} is on. DIALECTS says which are.`));
  };
  for (const url of [`${mountedAt}/:dialect`, `${mountedAt}/:dialect/*`]) {
    app.all(url, {
      schema: { hide: true },
      config: { handed_over: true },
      // Before the body is read: it is the dialect's to read.
      onRequest,
      handler: async () => {
        throw new Error("a request for a dialect was not handed over");
      },
    });
  }
}

function appsByName(served: readonly ServedDialect[]): ReadonlyMap<string, DialectApp> {
  return new Map(served.map(({ name, app }) => [name, app]));
}

/** Hands a request over to the dialect whose path it has; false where there is none. */
function handOver(
  byName: ReadonlyMap<string, DialectApp>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { url = "/" } = request;
  // Mostly it is neither; the few that are may be spelled in other ways.
  if (!url.startsWith(`${mountedAt}/`) && !oddlySpelled.test(url)) return false;
  const path = originForm(url);
  const [steps, first, name] = twoSteps.exec(path) ?? [];
  if (steps === undefined || `/${decoded(first)}` !== mountedAt) return false;
  const dialect = byName.get(decoded(name));
  if (dialect === undefined) return false;
  request.url = path;
  takeBase(request, steps.length);
  dialect.routing(request, response);
  return true;
}

/** In absolute form (RFC 9112 §3.2.2), or with an escape in the first step. */
const oddlySpelled = /^https?:|^\/[^/?]*%/i;
const twoSteps = /^\/([^/?]*)\/([^/?]*)/;

function decoded(step = ""): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
