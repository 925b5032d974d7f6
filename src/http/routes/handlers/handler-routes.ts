import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { asOfParameter, asOfProblems, cursorAsOf, pageAsOf, positionAsOf } from "../../as-of.ts";
import { askBoardAsOf } from "../../ask-board.ts";
import { entityTag, matchesIfNoneMatch, versionsOfIfMatch } from "../../entity-tag.ts";
import { NotModified } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { teamNotFound } from "../teams/team-not-found.ts";
import { runOnHandler, versionAsOf, viewAsOf, viewOf } from "./handler-answer.ts";
import { AddHandlerBody, ChangeHandlerBody, HandlerPath, RemoveHandlerBody } from "./handler-bodies.ts";
import { HandlerAnswer, handlerExample } from "./handler-view.ts";

const HandlerParameters = Type.Object({
  team: Type.Optional(Type.String({ description: "only this team's; without it all teams'" })),
  ...asOfParameter,
  ...pageParameters,
});

const tags = ["handlers"];

/** Everything under /handlers. */
export function handlerRoutes(app: App, services: Services): void {
  app.get(
    "/handlers",
    {
      schema: {
        tags,
        summary: "The workload: who has what, and who has room",
        querystring: HandlerParameters,
        response: { 200: pageSchema("handlers", HandlerAnswer, handlerExample) },
      },
      config: {
        right: "read",
        answers: { 200: "One page of the handlers, in the order of joining" },
        problems: ["team-not-found", ...asOfProblems],
      },
    },
    async (request, reply) => {
      const { team = null, limit, count } = request.query;
      const { position: as_of, after } = await pageAsOf(services, request.query, ["number"]);
      const query = { team, after: after?.[0] ?? 0, limit };
      const { position, answer } = await askBoardAsOf(services, as_of, "handlers", query);
      reflect(reply, position);
      if (answer === null) throw teamNotFound(team ?? "");
      const { handlers, total, is_end } = answer;
      const view = as_of === null ? viewOf : viewAsOf;
      const last = handlers.at(-1);
      const next_cursor = is_end || last === undefined ? null : cursorAsOf(as_of, [last.handler.joined_position]);
      linkNextPage(request, reply, next_cursor, as_of);
      return {
        handlers: await Promise.all(handlers.map((atWork) => view(services, atWork, position))),
        next_cursor,
        ...(count ? { total } : {}),
      };
    },
  );

  app.post(
    "/handlers",
    {
      schema: {
        tags,
        summary: "Let somebody join a team",
        operationId: "addHandler",
        body: AddHandlerBody,
        response: { 201: HandlerAnswer },
      },
      config: {
        right: "lead",
        answers: { 201: "The handler, with what the rules gave them at once" },
        tagged: true,
        problems: ["handler-exists", "unknown-team"],
      },
    },
    async (request, reply) => {
      const { handler_id, ...body } = request.body;
      const handler = await runOnHandler(services, request, reply, {
        kind: "add-handler",
        handler: handler_id,
        ...body,
      });
      reply.header("location", `/handlers/${encodeURIComponent(handler.handler_id)}`);
      return handler;
    },
  );

  app.get(
    "/handlers/:id",
    {
      schema: {
        tags,
        summary: "One handler and their work",
        params: HandlerPath,
        querystring: Type.Object(asOfParameter),
        response: { 200: HandlerAnswer, 304: NotModified },
      },
      config: {
        right: "read",
        answers: { 200: "The handler", 304: "Still at the version of If-None-Match" },
        tagged: true,
        problems: ["handler-not-found", ...asOfProblems],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const as_of = await positionAsOf(services, request.query.as_of);
      const { position, answer } = await askBoardAsOf(services, as_of, "handler", { handler: id });
      reflect(reply, position);
      if (answer === null) throw handlerNotFound(id, as_of);
      const version = as_of === null ? answer.handler.version : versionAsOf(services, answer.handler);
      reply.header("etag", entityTag(version));
      if (matchesIfNoneMatch(request.headers["if-none-match"], version)) return reply.code(304).send(undefined);
      return as_of === null ? viewOf(services, answer, position) : viewAsOf(services, answer, position);
    },
  );

  app.patch(
    "/handlers/:id",
    {
      schema: {
        tags,
        summary: "Change a handler's capacity, name or availability",
        params: HandlerPath,
        body: ChangeHandlerBody,
        response: { 200: HandlerAnswer },
      },
      config: {
        right: "work",
        answers: { 200: "The handler" },
        tagged: true,
        conditional: true,
        problems: ["handler-not-found", "handler-has-left", "contradiction"],
      },
    },
    async (request, reply) => {
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      const condition = if_version === undefined ? {} : { if_version };
      const handler = request.params.id;
      return runOnHandler(services, request, reply, { kind: "change-handler", handler, ...request.body, ...condition });
    },
  );

  app.delete(
    "/handlers/:id",
    {
      schema: {
        tags,
        summary: "Let a handler leave their team",
        operationId: "removeHandler",
        description: "What they have is handed back. They stay on record, and may join again.",
        params: HandlerPath,
        body: RemoveHandlerBody,
        response: { 200: HandlerAnswer },
      },
      config: {
        right: "lead",
        answers: { 200: "The handler, in no team" },
        tagged: true,
        conditional: true,
        optional_body: true,
        problems: ["handler-not-found"],
      },
    },
    async (request, reply) => {
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      const condition = if_version === undefined ? {} : { if_version };
      const handler = request.params.id;
      return runOnHandler(services, request, reply, { kind: "remove-handler", handler, ...request.body, ...condition });
    },
  );
}

function handlerNotFound(id: string, as_of: number | null): ProblemError {
  const detail =
    as_of === null
      ? `There is no handler ${id.slice(0, 64)}.`
      : `There was no handler ${id.slice(0, 64)} at position ${as_of}.`;
  return new ProblemError("handler-not-found", detail);
}
