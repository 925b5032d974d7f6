import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { RequestFigures, RouteFigures } from "../../metrics/request-figures.ts";
import type { App } from "../app-type.ts";
import type { AnswerLog } from "./answer-log.ts";

type OnResponse = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/**
 * Counts every answer, and shows it to the log. Comes before any route. `base`: what leads to the application, at the
 * beginning of the patterns that name its routes.
 */
export function observeAnswers(app: App, figures: RequestFigures, log: AnswerLog | null, base = ""): void {
  app.decorateRequest("command", null);
  app.decorateRequest("outcome", null);
  app.decorateRequest("problem", null);
  const hooks = new WeakSet<OnResponse>();

  /** Each route has a hook of its own that holds its counts, so that nothing is looked up for an answer. */
  const hookOf = (route: RouteFigures, pattern: string | null): OnResponse => {
    const hook: OnResponse = (request, reply, done) => {
      const took_ms = reply.elapsedTime;
      route.answered(reply.statusCode, took_ms);
      log?.answered(request, reply, pattern, took_ms);
      done();
    };
    hooks.add(hook);
    return hook;
  };

  app.addHook("onRoute", (route: RouteOptions) => {
    const pattern = base + route.url;
    // The HEAD of a GET is made from the GET's options, with its hooks.
    const others = [route.onResponse ?? []].flat().filter((hook) => !hooks.has(hook as OnResponse));
    const methods = [route.method].flat();
    // What takes every method is counted as one.
    const method = methods.length === 1 ? String(methods[0]) : "any";
    route.onResponse = [...others, hookOf(figures.route(method, pattern), pattern)];
  });
  const unmatched = hookOf(figures.unmatched, null);
  app.addHook("onResponse", (request, reply, done) => {
    if (request.is404) unmatched(request, reply, done);
    else done();
  });
}
