import { Type } from "@sinclair/typebox";
import type { FastifyReply } from "fastify";
import type { Board } from "../../../../projections/board.ts";
import { handlerAtWork } from "../../../desk/handler-at-work.ts";
import type { App } from "../../app-type.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { entityTag, matchesIfNoneMatch, versionsOfIfMatch } from "../../entity-tag.ts";
import { NotModified } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard, reflect } from "../../settled-board.ts";
import { runOnHandler, viewOf } from "./handler-answer.ts";
import { AddHandlerBody, ChangeHandlerBody, HandlerPath, RemoveHandlerBody } from "./handler-bodies.ts";
import { HandlerAnswer, type HandlerJson, handlerExample } from "./handler-view.ts";

const HandlerParameters = Type.Object({
  team: Type.Optional(Type.String({ description: "only this team's; without it all teams'" })),
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
      config: { answers: { 200: "One page of the handlers, in the order of joining" }, problems: ["team-not-found"] },
    },
    async (request, reply) => {
      const { team, limit, cursor, count } = request.query;
      const after = cursor === undefined ? 0 : readCursor(cursor, ["number"])[0];
      const page = await readBoard(services, (board) => {
        const handlers = handlersOf(board, team);
        const rest = handlers.filter((handler) => handler.joined_position > after);
        const shown = rest.slice(0, limit).map((handler) => handlerAtWork(board, handler));
        return { position: board.position, total: handlers.length, shown, isEnd: rest.length <= limit };
      });
      reflect(reply, page.position);
      const last = page.shown.at(-1);
      const next_cursor = page.isEnd || last === undefined ? null : writeCursor([last.handler.joined_position]);
      linkNextPage(request, reply, next_cursor);
      return {
        handlers: await Promise.all(page.shown.map((atWork) => viewOf(services, atWork, page.position))),
        next_cursor,
        ...(count ? { total: page.total } : {}),
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
        response: { 200: HandlerAnswer, 304: NotModified },
      },
      config: {
        answers: { 200: "The handler", 304: "Still at the version of If-None-Match" },
        tagged: true,
        problems: ["handler-not-found"],
      },
    },
    async (request, reply) => {
      const handler = await findHandler(services, reply, request.params.id);
      if (matchesIfNoneMatch(request.headers["if-none-match"], handler.version)) return reply.code(304).send(undefined);
      return handler;
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

/** Those in a team now, in the order of joining. */
function handlersOf(board: Board, team_name: string | undefined) {
  if (team_name === undefined) {
    const all = [...board.handlers.values()].filter((handler) => handler.team !== null);
    return all.sort((a, b) => a.joined_position - b.joined_position);
  }
  const team = board.findTeam(team_name);
  if (team === undefined) throw new ProblemError("team-not-found", `There is no team ${team_name.slice(0, 64)}.`);
  return board.handlersOf(team.team);
}

async function findHandler(services: Services, reply: FastifyReply, id: string): Promise<HandlerJson> {
  const { position, atWork } = await readBoard(services, (board) => {
    const handler = board.findHandler(id);
    return { position: board.position, atWork: handler === undefined ? null : handlerAtWork(board, handler) };
  });
  if (atWork === null) throw new ProblemError("handler-not-found", `There is no handler ${id.slice(0, 64)}.`);
  reflect(reply, position);
  reply.header("etag", entityTag(atWork.handler.version));
  return viewOf(services, atWork, position);
}
