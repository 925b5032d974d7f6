import { type FastifyBaseLogger, type FastifyServerOptions, LogController } from "fastify";
import { limits } from "../config.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { requestIds } from "./plugins/request-id.ts";

/** What all our applications have in common: the service's own, and those of the dialects. */
export function fastifySettings(runtime: Runtime, logger: FastifyBaseLogger | undefined) {
  return {
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(runtime),
    // What is logged of a request names its id itself; a logger for each would cost more than all that is ever logged.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    bodyLimit: limits.body_bytes,
    requestTimeout: limits.request_timeout_ms,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.path_parameter_characters },
    // Whoever is answered while the service closes gets a real answer.
    return503OnClosing: false,
  } satisfies FastifyServerOptions;
}
