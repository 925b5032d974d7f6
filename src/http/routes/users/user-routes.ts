import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { versionsOfIfMatch } from "../../entity-tag.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { pathNumber } from "../../path-number.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { changeUser, eraseUser, inviteUser, newUser, shownUser } from "./user-changes.ts";
import { ChangeUserBody, CreateUserBody, InvitedUserAnswer, UserAnswer, userExample, userView } from "./user-view.ts";

const UserPath = Type.Object({
  user_id: Type.String({ description: "the user's number", examples: ["7"] }),
});

const tags = ["access"];
const right = "administer";

/** Everything under /users. */
export function userRoutes(app: App, services: Services): void {
  const { desk, identity } = services;

  app.get(
    "/users",
    {
      schema: {
        tags,
        summary: "All users, those who were deactivated or erased too",
        querystring: Type.Object(pageParameters),
        response: { 200: pageSchema("users", UserAnswer, userExample) },
      },
      config: { right, answers: { 200: "One page of the users, by number" } },
    },
    async (request, reply) => {
      const { limit, cursor, count } = request.query;
      const [after] = cursor === undefined ? [0] : readCursor(cursor, ["number"]);
      await desk.readable();
      reflect(reply, desk.board.position);
      const all = [...desk.board.users.values()].sort((a, b) => a.user - b.user);
      const rest = all.filter(({ user }) => user > after);
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const next_cursor = rest.length > page.length && last !== undefined ? writeCursor([last.user]) : null;
      linkNextPage(request, reply, next_cursor);
      const accounts = await identity.vault.accounts.getMany(page.map(({ user }) => user));
      const users = page.map((user) => userView(user, accounts.get(user.user) ?? null));
      return { users, next_cursor, ...(count ? { total: all.length } : {}) };
    },
  );

  app.post(
    "/users",
    {
      schema: {
        tags,
        summary: "Add a user",
        description:
          "Without a password the answer holds an invitation link, which is also mailed where mails are sent: there they choose one, within seven days.",
        operationId: "createUser",
        body: CreateUserBody,
        response: { 201: InvitedUserAnswer },
      },
      config: {
        right,
        answers: { 201: "The user" },
        problems: ["user-exists", "unknown-team", "unknown-handler", "handler-taken", "sign-in-busy"],
      },
    },
    (request, reply) => newUser(services, request, reply, request.body),
  );

  app.get(
    "/users/:user_id",
    {
      schema: { tags, summary: "One user", params: UserPath, response: { 200: UserAnswer } },
      config: { right, answers: { 200: "The user" }, tagged: true, problems: ["user-not-found"] },
    },
    async (request, reply) => {
      await desk.readable();
      reflect(reply, desk.board.position);
      return shownUser(services, pathNumber(request.params.user_id), reply);
    },
  );

  app.patch(
    "/users/:user_id",
    {
      schema: {
        tags,
        summary: "Change a user",
        description:
          "What is not named stays. `active: false` ends their sessions at once; the handler that they are becomes unavailable and hands back what they have.",
        params: UserPath,
        body: ChangeUserBody,
        response: { 200: UserAnswer },
      },
      config: {
        right,
        answers: { 200: "The user" },
        tagged: true,
        conditional: true,
        problems: ["user-not-found", "user-exists", "unknown-team", "unknown-handler", "handler-taken"],
      },
    },
    (request, reply) => {
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      return changeUser(services, request, reply, pathNumber(request.params.user_id), request.body, if_version);
    },
  );

  app.post(
    "/users/:user_id/invite",
    {
      schema: {
        tags,
        summary: "Invite a user once more",
        description:
          "Makes a new invitation link, and ends the one before. Their password, if they have one, stays until they choose another.",
        operationId: "inviteUser",
        params: UserPath,
        response: { 200: InvitedUserAnswer },
      },
      config: {
        right,
        answers: { 200: "The user, with the link" },
        optional_body: true,
        problems: ["user-not-found", "user-inactive"],
      },
    },
    (request, reply) => inviteUser(services, request, reply, pathNumber(request.params.user_id)),
  );

  app.delete(
    "/users/:user_id",
    {
      schema: {
        tags,
        summary: "Deactivate or erase a user",
        description:
          "Deactivates them: their sessions end at once, and they may be made active again. With `erase=true` everything personal of them is taken out of the vault for ever, the texts about their handler out of the ledger, and `erased user 7` stands in their place; 202 says that somebody else still has a file open that holds some of it.",
        params: UserPath,
        querystring: Type.Object({ erase: Type.Boolean({ default: false, description: "for ever" }) }),
        response: { 200: UserAnswer, 202: UserAnswer },
      },
      config: {
        right,
        answers: {
          200: "The user, deactivated or erased",
          202: "The same, but a file that somebody else reads still holds some of it",
        },
        tagged: true,
        conditional: true,
        optional_body: true,
        problems: ["user-not-found"],
      },
    },
    (request, reply) => {
      const user_id = pathNumber(request.params.user_id);
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      if (request.query.erase) return eraseUser(services, request, reply, user_id, if_version);
      return changeUser(services, request, reply, user_id, { active: false }, if_version);
    },
  );
}
