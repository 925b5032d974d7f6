import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from "fastify";
import type { App } from "./app-type.ts";
import { mountDialects, type ServedDialect, serverWithDialects } from "./dialects/mount-dialects.ts";
import { fastifySettings } from "./fastify-settings.ts";
import { AnswerLog } from "./plugins/answer-log.ts";
import { markAnswer, receiveRequests } from "./plugins/arrival.ts";
import { bearerTokenOf } from "./plugins/authentication.ts";
import { parseBodies } from "./plugins/body-parsing.ts";
import { answerBrokenRequest } from "./plugins/broken-request.ts";
import { answerError, answerFrameworkError, isUnauthorized } from "./plugins/errors.ts";
import { observeAnswers } from "./plugins/observation.ts";
import { documentRoutes } from "./plugins/openapi.ts";
import { Problem } from "./plugins/problem-schema.ts";
import { recordProblem } from "./plugins/refusals.ts";
import { ProblemError } from "./problem-error.ts";
import { protect } from "./protection/protect.ts";
import { auditRoute } from "./routes/audit/audit-route.ts";
import { AuditRow } from "./routes/audit/audit-view.ts";
import { authRoutes } from "./routes/auth/auth-routes.ts";
import { documentationRoutes } from "./routes/documentation/documentation-routes.ts";
import { LedgerEvent } from "./routes/events/event-view.ts";
import { eventsRoute } from "./routes/events/events-route.ts";
import { streamRoute } from "./routes/events/stream-route.ts";
import { handlerRoutes } from "./routes/handlers/handler-routes.ts";
import { HandlerView } from "./routes/handlers/handler-view.ts";
import { healthRoutes } from "./routes/health/health-routes.ts";
import { incidentRoutes } from "./routes/incidents/incident-routes.ts";
import { IncidentView } from "./routes/incidents/incident-view.ts";
import { keyRoutes } from "./routes/keys/key-routes.ts";
import { KeyView } from "./routes/keys/key-view.ts";
import { headRoute } from "./routes/ledger/head-route.ts";
import { metricsRoute } from "./routes/metrics/metrics-route.ts";
import { problemRoutes } from "./routes/problems/problem-routes.ts";
import { queueRoute } from "./routes/queue/queue-route.ts";
import { rootRoute } from "./routes/root/root-route.ts";
import { statisticsRoute } from "./routes/statistics/statistics-route.ts";
import { teamRoutes } from "./routes/teams/team-routes.ts";
import { TeamView } from "./routes/teams/team-view.ts";
import { userRoutes } from "./routes/users/user-routes.ts";
import { UserView } from "./routes/users/user-view.ts";
import type { Services } from "./services.ts";
import { validatorCompiler } from "./validation/validator-compiler.ts";

/** Every resource, in the order of the documentation. To add one: a folder in routes/, and a line here. */
const resources = [
  incidentRoutes,
  queueRoute,
  handlerRoutes,
  teamRoutes,
  authRoutes,
  statisticsRoute,
  eventsRoute,
  streamRoute,
  userRoutes,
  keyRoutes,
  auditRoute,
  headRoute,
  healthRoutes,
  problemRoutes,
  rootRoute,
  documentationRoutes,
];

/**
 * Builds the application over its services. It listens to nothing yet: `app.inject` tests it as it is, `app.listen`
 * serves it. Closing it closes no service.
 */
export async function buildApp(
  services: Services,
  logger?: FastifyBaseLogger,
  served: readonly ServedDialect[] = [],
): Promise<App> {
  const { config, request_limits } = services;
  const is_open = config.auth === "off";
  // Where none is needed, one that is there proves nothing. A token is one credential, with however many spaces before it: what is
  // remembered of it must not grow with them.
  const credentialOf = ({ headers: { authorization } }: FastifyRequest) =>
    is_open ? undefined : (bearerTokenOf(authorization) ?? authorization);
  const app = fastify({
    ...fastifySettings(services, logger),
    frameworkErrors: (error, request, reply) => {
      answerFrameworkError(services, error, request, reply);
      services.request_figures.unmatched.answered(reply.statusCode, 0);
    },
    clientErrorHandler: answerBrokenRequest,
    ...(served.length === 0 ? {} : { serverFactory: serverWithDialects(served) }),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler(validatorCompiler());
  app.setErrorHandler((error, request, reply) => {
    const credential = credentialOf(request);
    const over = isUnauthorized(error) ? request_limits.refused(request, reply, credential) : null;
    const answered = over ?? error;
    if (answered instanceof ProblemError) recordProblem(services, request, answered, credential);
    answerError(answered, request, reply);
  });
  observeAnswers(app, services.request_figures, logger === undefined ? null : new AnswerLog(logger, services.runtime));
  const mark = (request: FastifyRequest, reply: FastifyReply) =>
    markAnswer(request, reply, services.desk.durable_position);
  const protection = protect(app, services, { credentialOf, is_open, hides_paths: false, mark });
  protection.before();
  receiveRequests(app, services);
  protection.after();
  parseBodies(app);
  for (const schema of [Problem, IncidentView, HandlerView, TeamView, KeyView, UserView, AuditRow, LedgerEvent])
    app.addSchema(schema);
  await documentRoutes(app, services);
  for (const resource of resources) resource(app, services);
  mountDialects(app, served);
  metricsRoute(app, services);
  return app;
}
