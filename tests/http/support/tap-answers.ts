import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../../../src/http/app-type.ts";
import type { ServedDialect } from "../../../src/http/dialects/mount-dialects.ts";
import { forgetPassword, keepPassword, produced } from "../../support/produced/produced.ts";
import type { SecretKind } from "../../support/produced/secrets.ts";

/** The only answers that create secrets, and which. What the documentation shows are examples, which some tests send. */
const creating = new Map<string, readonly SecretKind[]>([
  ["POST /keys", ["key"]],
  ["POST /keys/:key_id/rotate", ["key"]],
  ["POST /users", ["link"]],
  ["POST /users/:user_id/invite", ["link"]],
  ["POST /auth/login", ["access token", "refresh token", "device mark"]],
  ["GET /openapi.json", ["password"]],
  ["POST /auth/refresh", ["access token", "refresh token"]],
]);

/**
 * Has all that an application answers pass the watch over secrets, as it goes to the connection: streams, pages and errors
 * alike. Passwords that are sent are secrets from then on, unless they are refused for what they are.
 */
export function tapAnswers(app: App): void {
  const look = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    tap(request.raw, reply.raw, creating.get(`${request.method} ${request.routeOptions.url}`));
  };
  app.addHook("onRequest", look);
  // What is turned away by an earlier hook comes by here alone.
  app.addHook("onSend", look);
  app.addHook("preValidation", async ({ body }, reply) => {
    if (typeof body !== "object" || body === null) return;
    const passwords = Object.entries(body).flatMap(([name, value]) => (name.endsWith("password") ? [value] : []));
    const fresh = passwords.filter(keepPassword);
    reply.raw.once("close", () => {
      if (reply.statusCode === 422) for (const password of fresh) forgetPassword(password);
    });
  });
}

/** The same of a dialect, none of whose answers creates a secret. */
export function tapDialect({ app }: ServedDialect): void {
  const { routing } = app;
  app.routing = (request, response) => {
    tap(request, response);
    routing(request, response);
  };
}

/** A request for a dialect may have gone through the application before. */
const tapped = new WeakSet<ServerResponse>();

function tap({ method, url }: IncomingMessage, response: ServerResponse, creates: readonly SecretKind[] = []): void {
  if (tapped.has(response)) return;
  tapped.add(response);
  const { write, end } = response;
  let isOver = false;
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (isOver) return;
    if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const check = (): void => {
    if (isOver) return;
    isOver = true;
    const { statusCode: status } = response;
    const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}\n`);
    const whole = headers.join("") + Buffer.concat(chunks).toString();
    produced(whole, `the answer ${status} to ${method} ${url}`, status < 300 ? creates : []);
    chunks.length = 0;
  };
  response.write = (...given: unknown[]) => {
    keep(given[0]);
    return Reflect.apply(write, response, given);
  };
  response.end = (...given: unknown[]) => {
    keep(given[0]);
    check();
    return Reflect.apply(end, response, given);
  };
  // A stream that is cut off has no end.
  response.once("close", check);
}
