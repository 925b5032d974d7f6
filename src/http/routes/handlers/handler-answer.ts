import type { FastifyReply, FastifyRequest } from "fastify";
import { handlerStream } from "../../../../events/stream.ts";
import type { Handler } from "../../../../projections/handler.ts";
import type { HandlerAtWork } from "../../../../projections/handler-at-work.ts";
import { foldHandlerTexts, type HandlerTexts, noHandlerTexts } from "../../../../projections/handler-texts.ts";
import { handlerName } from "../../../access/user-names.ts";
import { readStream } from "../../../ledger/read-stream.ts";
import type { AddHandler, ChangeHandler, RemoveHandler } from "../../../rules/commands.ts";
import { run } from "../../command-answer.ts";
import { entityTag } from "../../entity-tag.ts";
import type { Services } from "../../services.ts";
import { type HandlerJson, handlerView } from "./handler-view.ts";

/** Runs a command on a handler and gives that handler as the commit left them. */
export async function runOnHandler(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: AddHandler | ChangeHandler | RemoveHandler,
): Promise<HandlerJson> {
  const done = await run(services, request, reply, command, command.kind === "add-handler" ? () => 201 : undefined);
  const atWork = done.handler ?? (await workAsOf(services, command.handler, done.position));
  reply.header("etag", entityTag(atWork.handler.version));
  return viewOf(services, atWork, done.position);
}

/** A handler and their work as of a position, with the texts of then. */
export async function viewOf(services: Services, atWork: HandlerAtWork, position: number): Promise<HandlerJson> {
  return named(services, atWork, await textsOf(services, atWork.handler, position));
}

/** A handler who is a user goes by that user's name, out of the vault; any other by the one that they were given. */
async function named(services: Services, atWork: HandlerAtWork, texts: HandlerTexts): Promise<HandlerJson> {
  const { handler_id } = atWork.handler;
  const { desk, identity } = services;
  const name = await handlerName(desk.board, identity.vault.accounts, handler_id, texts.name);
  return handlerView(atWork, { ...texts, name });
}

/** A handler and their work as they were at a position, under the name that they have today. */
export async function viewAsOf(services: Services, atWork: HandlerAtWork, position: number): Promise<HandlerJson> {
  const { handler_id } = atWork.handler;
  const [then, now] = await Promise.all([
    textsOf(services, atWork.handler, position),
    services.handler_texts.handler(handler_id),
  ]);
  return named(services, atWork, { ...then, name: now.name });
}

/**
 * What the entity tag of a handler as of the past says: their version then, and where they have changed since, their
 * present one too, because they are shown under the name of today.
 */
export function versionAsOf({ desk }: Services, { handler_id, version }: Handler): number | string {
  const now = desk.board.findHandler(handler_id)?.version ?? version;
  return now === version ? version : `${version}-${now}`;
}

async function workAsOf({ past }: Services, handler: string, position: number): Promise<HandlerAtWork> {
  const atWork = await past.board(position, "handler", { handler });
  if (atWork === null) throw new Error(`a command on the handler ${handler} left none`);
  return atWork;
}

/** A handler's texts as of a position. The cache has the newest; they are the same while the version is. */
async function textsOf(
  { desk, ledger, handler_texts }: Services,
  { handler_id, version }: Handler,
  position: number,
): Promise<HandlerTexts> {
  const newest = await handler_texts.handler(handler_id);
  if (desk.board.findHandler(handler_id)?.version === version) return newest;
  let texts = noHandlerTexts;
  for await (const event of readStream(ledger, handlerStream(handler_id), position)) {
    texts = foldHandlerTexts(texts, event);
  }
  return texts;
}
