import { Type } from "@sinclair/typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FreshKey } from "../../../access/keys.ts";
import { highest } from "../../../access/next-number.ts";
import type { CreateKey } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { run } from "../../command-answer.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { pathNumber } from "../../path-number.ts";
import { ProblemError } from "../../problem-error.ts";
import { parseInstant } from "../../rfc3339.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { CreateKeyBody, FreshKeyAnswer, KeyAnswer, type KeyJson, keyExample, keyRoles, keyView } from "./key-view.ts";

const KeyPath = Type.Object({
  key_id: Type.String({ description: "the key's number", examples: ["3"] }),
});

const tags = ["access"];

/** Everything under /keys. */
export function keyRoutes(app: App, services: Services): void {
  const { desk, keys } = services;

  app.get(
    "/keys",
    {
      schema: {
        tags,
        summary: "All keys that ever were, without their secrets",
        querystring: Type.Object(pageParameters),
        response: { 200: pageSchema("keys", KeyAnswer, keyExample) },
      },
      config: { right: "administer", answers: { 200: "One page of the keys, by number" } },
    },
    async (request, reply) => {
      const { limit, cursor, count } = request.query;
      const [after] = cursor === undefined ? [0] : readCursor(cursor, ["number"]);
      await desk.readable();
      reflect(reply, desk.board.position);
      const known = new Map((await keys.list()).map((key) => [key.key_id, key]));
      const all = [...desk.board.keys.values()]
        .sort((a, b) => a.key - b.key)
        .map((key) => keyView(key, known.get(key.key) ?? null));
      const rest = all.filter(({ key_id }) => key_id > after);
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const next_cursor = rest.length > page.length && last !== undefined ? writeCursor([last.key_id]) : null;
      linkNextPage(request, reply, next_cursor);
      return { keys: page, next_cursor, ...(count ? { total: all.length } : {}) };
    },
  );

  app.post(
    "/keys",
    {
      schema: {
        tags,
        summary: "Make a key for a program",
        description:
          "Its secret is in this answer and in no other. It begins with `il_` and ends with a checksum, so that scanners find it where it leaked. A key of the role `integration` may only report, into its one team.",
        operationId: "createKey",
        body: CreateKeyBody,
        response: { 201: FreshKeyAnswer },
      },
      config: {
        right: "administer",
        answers: { 201: "The key, with its secret" },
        problems: ["unknown-team", "contradiction"],
      },
    },
    async (request, reply) => {
      const { name, teams = null, expires_at } = request.body;
      const role = keyRoles.find((known) => known === request.body.role.toLowerCase()) ?? "viewer";
      const dialect = request.body.dialect?.toLowerCase() ?? null;
      const made = await keys.create({
        above: highest(desk.board.keys.keys()),
        name,
        at: desk.now(),
        ...(dialect === null ? {} : { dialect }),
      });
      const { key_id } = made;
      const ends = expires_at == null ? null : parseInstant(expires_at);
      const command = {
        kind: "create-key",
        key: key_id,
        role,
        teams,
        dialect: dialect ?? null,
        expires_at: ends,
      } as const;
      const shown = await recordKey(request, reply, made, command);
      reply.header("location", `/keys/${shown.key_id}`);
      return shown;
    },
  );

  app.get(
    "/keys/:key_id",
    {
      schema: { tags, summary: "One key, without its secret", params: KeyPath, response: { 200: KeyAnswer } },
      config: { right: "administer", answers: { 200: "The key" }, problems: ["key-not-found"] },
    },
    async (request, reply) => {
      await desk.readable();
      reflect(reply, desk.board.position);
      return shownKey(pathNumber(request.params.key_id));
    },
  );

  app.post(
    "/keys/:key_id/rotate",
    {
      schema: {
        tags,
        summary: "Give a key a new secret",
        description:
          "The secret before it stays good, so that programs can change over one after another, until DELETE /keys/{key_id}/previous ends it. There are never more than two.",
        operationId: "rotateKey",
        params: KeyPath,
        response: { 200: FreshKeyAnswer },
      },
      config: {
        right: "administer",
        answers: { 200: "The key, with its new secret" },
        optional_body: true,
        problems: ["key-not-found", "key-revoked", "key-rotating"],
      },
    },
    async (request, reply) => {
      const key = pathNumber(request.params.key_id);
      if (desk.board.keys.has(key) && (await keys.get(key)) === null) {
        throw keyNotFound(`The vault does not know key ${key}, as after an import. Make another.`);
      }
      const done = await run(services, request, reply, { kind: "rotate-key", key });
      // First on record, then in the vault: what was not recorded must not be good for anything.
      const isRepeated = done.kind === "written" && done.repeated !== undefined;
      const fresh = isRepeated ? null : await keys.rotate(key);
      return { ...(await shownKey(key)), key: fresh?.key ?? null };
    },
  );

  app.delete(
    "/keys/:key_id/previous",
    {
      schema: {
        tags,
        summary: "End the secret before a key's present one",
        operationId: "endKeyRotation",
        params: KeyPath,
        response: { 200: KeyAnswer },
      },
      config: {
        right: "administer",
        answers: { 200: "The key" },
        optional_body: true,
        problems: ["key-not-found", "key-revoked"],
      },
    },
    async (request, reply) => {
      const key = pathNumber(request.params.key_id);
      await run(services, request, reply, { kind: "end-key-rotation", key });
      await keys.endPrevious(key);
      return shownKey(key);
    },
  );

  app.delete(
    "/keys/:key_id",
    {
      schema: {
        tags,
        summary: "Revoke a key",
        description: "From now on it is good for nothing; streams that it opened end. It stays in the list.",
        operationId: "revokeKey",
        params: KeyPath,
        response: { 200: KeyAnswer },
      },
      config: {
        right: "administer",
        answers: { 200: "The key, revoked" },
        optional_body: true,
        problems: ["key-not-found"],
      },
    },
    async (request, reply) => {
      const key = pathNumber(request.params.key_id);
      await run(services, request, reply, { kind: "revoke-key", key });
      await keys.revoke(key, desk.board.keys.get(key)?.revoked_at ?? desk.now());
      return shownKey(key);
    },
  );

  /** Puts a new key on record; where that is refused or fails, nothing is left of it. */
  async function recordKey(request: FastifyRequest, reply: FastifyReply, made: FreshKey, command: CreateKey) {
    try {
      const done = await run(services, request, reply, command, () => 201);
      const event = done.kind === "written" ? done.events.find(({ type }) => type === "key.created") : undefined;
      const key_id = event?.type === "key.created" ? event.data.key : made.key_id;
      if (key_id !== made.key_id) await keys.remove(made.key_id);
      return { ...(await shownKey(key_id)), key: key_id === made.key_id ? made.key : null };
    } catch (error) {
      // Where it may have been written, a key that nobody has seen is left: it opens nothing.
      await keys.remove(made.key_id);
      throw error;
    }
  }

  async function shownKey(key_id: number): Promise<KeyJson> {
    const key = desk.board.keys.get(key_id);
    if (key === undefined) throw keyNotFound("There is no such key. GET /keys lists them.");
    return keyView(key, await keys.get(key_id));
  }
}

function keyNotFound(detail: string): ProblemError {
  return new ProblemError("key-not-found", detail);
}
