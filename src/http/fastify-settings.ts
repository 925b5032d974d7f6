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
    ...(logger === undefined ? { logger: false } : { loggerInstance: childless(logger) }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(runtime),
    schemaController: { compilersFactory: { buildSerializer: lazySerializers } },
    bodyLimit: limits.body_bytes,
    requestTimeout: limits.request_timeout_ms,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.path_parameter_characters },
    // Whoever is answered while the service closes gets a real answer.
    return503OnClosing: false,
  } satisfies FastifyHttpOptions<Server>;
}

/**
 * A logger that is its own child: what is logged of a request names its id itself, and a logger for each request would cost more
 * than all that is ever logged. Fastify examines what a factory of children makes, for each request again.
 */
function childless(logger: FastifyBaseLogger): FastifyBaseLogger {
  const same: FastifyBaseLogger = Object.create(logger, { child: { value: () => same } });
  return same;
}
