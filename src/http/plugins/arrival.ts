import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from "fastify";
import { unavailable } from "../../desk/submission.ts";
import type { App } from "../app-type.ts";
import { ProblemError } from "../problem-error.ts";
import type { Services } from "../services.ts";
import { admittedActor } from "./admission.ts";
import { noteKeyUse } from "./key-use.ts";
import { minPositionOf, waitForPosition } from "./min-position.ts";
import { RouteTable } from "./route-table.ts";

/**
 * What happens to every request when it arrives, in this order: its answer gets `x-request-id` and `Ledger-Position`;
 * it is for a route that exists; its URL can be read; its caller is known and has the
 * right that the route takes; the desk has room for what it wants to write; this
 * node has reached the position it asks for.
 */
export function receiveRequests(app: App, services: Services): void {
  const { desk, stop } = services;
  const routes = new RouteTable();
  const added: RouteOptions[] = [];
  app.decorateRequest("actor", "");
  app.addHook("onRoute", (route) => {
    routes.add(route);
    added.push(route);
  });
  // Not before: a route may be marked as public after it was added.
  app.addHook("onReady", async () => {
    for (const route of added) requireRight(route);
  });

  // A route that finds nothing under the rest of its path, as the files of a page do.
  app.setNotFoundHandler(() => {
    throw nothingHere();
  });

  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
  });

  app.addHook("onRequest", (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    try {
      markAnswer(request, reply, desk.durable_position);
      // Who keeps a connection open is told to open the next one elsewhere.
      if (isClosing || stop.ends_connections) reply.header("connection", "close");
      const waiting = admit(request);
      if (waiting === undefined) done();
      else waiting.then(() => done(), done);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });

  /** Throws where the request goes no further; gives a promise only where there is something to wait for. */
  function admit(request: FastifyRequest): Promise<void> | undefined {
    if (request.is404) throw notFound(request, routes);
    // They are gathered anew whenever they are asked for.
    const { config } = request.routeOptions;
    // What is handed over to a dialect is that dialect's to refuse.
    if (config.handed_over === true) return undefined;
    checkQuery(request.url);
    if (config.public === true) return undefined;
    const { right = "any", beside_ledger = false } = config;
    const actor = admittedActor(services, request.headers.authorization, right);
    // Nothing is looked at meanwhile: were it refused for something else, nobody would hear of a credential that is not good.
    if (actor instanceof Promise) return actor.then((known) => goOn(request, known, beside_ledger));
    return goOn(request, actor, beside_ledger);
  }

  /** Goes on with a caller who is known. */
  function goOn(request: FastifyRequest, actor: string, beside_ledger: boolean): Promise<void> | undefined {
    know(request, actor);
    if (!beside_ledger && isWrite(request) && desk.waiting >= desk.queue_length) throw queueFull;
    const position = minPositionOf(request.headers["ledger-min-position"]);
    return position === null ? undefined : waitForPosition(services, position);
  }

  function know(request: FastifyRequest, actor: string): void {
    request.actor = actor;
    // Where none is needed, nobody has shown a key.
    if (services.config.auth !== "off") noteKeyUse(services, request);
  }
}

/**
 * The desk would say the same. But where more is asked than it can do, whatever is turned away must cost next to nothing, so that
 * the time goes to what is taken: its body is not even looked at.
 */
const queueFull = unavailable("queue-full");

/** A route for which nobody has said who may use it is a mistake that stops the start. */
function requireRight({ url, method, config = {} }: RouteOptions): void {
  if (config.public === true || config.handed_over === true || config.right !== undefined) return;
  throw new Error(`${method} ${url} has neither a right that it takes nor the mark that it is public`);
}

function isWrite({ method }: FastifyRequest): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** The headers of every answer, errors included. A route that reads or writes gives a later position by itself. */
export function markAnswer(request: FastifyRequest, reply: FastifyReply, position: number): void {
  reply.header("x-request-id", request.id);
  reply.header("ledger-position", position);
}

function notFound(request: FastifyRequest, routes: RouteTable): ProblemError {
  const methods = routes.methodsOf(request.url);
  // A path can look like a route that has the method and be none: the router takes no empty rest, for example.
  if (methods.length === 0 || methods.includes(request.method)) return nothingHere();
  const allow = methods.join(", ");
  return new ProblemError("method-not-allowed", `This path has no ${request.method}; it has ${allow}.`, {
    headers: { allow },
  });
}

function nothingHere(): ProblemError {
  return new ProblemError("route-not-found", "No resource has this path. /openapi.json lists them all.");
}

function checkQuery(url: string): void {
  if (!url.includes("%")) return;
  try {
    decodeURIComponent(url.slice(url.indexOf("?") + 1));
  } catch {
    throw new ProblemError(
      "malformed-url",
      "The query has a percent sign that does not begin an escaped UTF-8 character.",
    );
  }
}
