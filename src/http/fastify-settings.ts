import type { Server } from "node:http";
import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from "fastify";
import { limits } from "../config.ts";
import { lazySerializers } from "./lazy-serializers.ts";
import { requestIds } from "./plugins/request-id.ts";
import { serverOptions } from "./protection/server-limits.ts";
import type { Services } from "./services.ts";

/** What all our applications have in common: the service's own, and those of the dialects. */
export function fastifySettings(
  { runtime, config: { trusted_proxies = [] } }: Pick<Services, "runtime" | "config">,
  logger: FastifyBaseLogger | undefined,
) {
  return {
    http: serverOptions,
    // Without proxies that are trusted, what anybody says of an address counts for nothing.
    ...(trusted_proxies.length === 0 ? {} : { trustProxy: [...trusted_proxies] }),
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(runtime),
    // What is logged of a request names its id itself; a logger for each would cost more than all that is ever logged.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    schemaController: { compilersFactory: { buildSerializer: lazySerializers } },
    bodyLimit: limits.body_bytes,
    requestTimeout: limits.request_timeout_ms,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.path_parameter_characters },
    // Whoever is answered while the service closes gets a real answer.
    return503OnClosing: false,
  } satisfies FastifyHttpOptions<Server>;
}
