import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import type { DialectChoice } from "../../config.ts";
import type { App } from "../app-type.ts";
import { ProblemError } from "../problem-error.ts";
import type { Services } from "../services.ts";
import { dialects } from "./all-dialects.ts";
import type { DialectApp } from "./dialect.ts";
import { buildDialectApp } from "./dialect-app.ts";
import { entranceOf, takeBase } from "./dialect-entrance.ts";

/** Where the dialects of the main port are. */
const mountedAt = "/compat";

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
 * Serves the dialects under /compat/<name>. A request for one is handed over as it came, but for the beginning of its
 * path; from there on everything, faults included, is the dialect's own.
 */
export function mountDialects(app: App, served: readonly ServedDialect[]): void {
  const byName = new Map(served.map((dialect) => [dialect.name as string, dialect.app]));
  const handOver = (request: FastifyRequest, reply: FastifyReply): void => {
    const { dialect: name } = request.params as { readonly dialect: string };
    const dialect = byName.get(name);
    if (dialect === undefined) {
      throw new ProblemError("route-not-found", `No dialect ${name.slice(0, 32)} is on. DIALECTS says which are.`);
    }
    reply.hijack();
    takeBase(request.raw, `${mountedAt}/${name}`);
    dialect.routing(request.raw, reply.raw);
  };
  for (const url of [`${mountedAt}/:dialect`, `${mountedAt}/:dialect/*`]) {
    app.all(url, {
      schema: { hide: true },
      config: { handed_over: true },
      // Before the body is read: it is the dialect's to read.
      onRequest: (request, reply, done) => {
        try {
          handOver(request, reply);
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
      handler: async () => {
        throw new Error("a request for a dialect was not handed over");
      },
    });
  }
}
