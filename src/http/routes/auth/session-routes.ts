import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { NothingBody } from "./auth-bodies.ts";
import { EndedView, MeView, SessionsView, sessionView } from "./auth-views.ts";
import { originOf, signedInUser } from "./caller.ts";

const tags = ["sign-in"];

const SessionPath = Type.Object({
  id: Type.String({ description: "the session_id", examples: ["0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11"] }),
});

/** GET /auth/me, and everything under /auth/sessions. */
export function sessionRoutes(app: App, services: Services): void {
  const { vault, sign_in, directory } = services.identity;

  app.get(
    "/auth/me",
    {
      schema: { tags, summary: "Who the caller is", operationId: "getMe", response: { 200: MeView } },
      config: { right: "any", answers: { 200: "The user, or the key, that the credential stands for" } },
    },
    async (request) => {
      const { actor } = request;
      const user_id = Number(/^user:(\d+)$/.exec(actor)?.[1]);
      if (Number.isNaN(user_id)) {
        const key = await directory.key(actor);
        if (key === null) throw new Error(`nobody knows the key ${actor}`);
        const person = { user_id: null, email: null, full_name: null, phone: null, handler: null };
        return { actor, ...person, name: key.name, role: key.role, teams: copied(key.teams) };
      }
      const account = await vault.accounts.get(user_id);
      const user = directory.user(user_id);
      if (account === null || user === null) throw new Error(`nobody knows ${actor}`);
      const { email, full_name, phone } = account;
      const { role, teams, handler } = user;
      return { actor, user_id, name: full_name ?? email, email, full_name, phone, role, teams: copied(teams), handler };
    },
  );

  app.get(
    "/auth/sessions",
    {
      schema: {
        tags,
        summary: "Where the caller is signed in",
        operationId: "listSessions",
        response: { 200: SessionsView },
      },
      config: {
        right: "any",
        answers: { 200: "The sessions that are alive, the last used first" },
        problems: ["needs-sign-in"],
      },
    },
    async (request) => {
      const { user_id, session_id } = await signedInUser(services, request);
      const sessions = await vault.sessions.listOf(user_id);
      return { sessions: sessions.map((session) => sessionView(session, session_id)) };
    },
  );

  app.delete(
    "/auth/sessions/:id",
    {
      schema: {
        tags,
        summary: "End one session of the caller",
        operationId: "endSession",
        params: SessionPath,
        body: NothingBody,
        response: { 200: EndedView },
      },
      config: {
        right: "any",
        beside_ledger: true,
        optional_body: true,
        answers: { 200: "It is over, with all its tokens" },
        problems: ["needs-sign-in", "session-not-found"],
      },
    },
    async (request) => {
      const user = await signedInUser(services, request);
      if (await sign_in.endSession(user, request.params.id, originOf(request))) return { sessions_ended: 1 };
      throw new ProblemError(
        "session-not-found",
        "You have no such session, or it is over. GET /auth/sessions lists them.",
      );
    },
  );

  app.delete(
    "/auth/sessions",
    {
      schema: {
        tags,
        summary: "End all other sessions of the caller",
        operationId: "endOtherSessions",
        body: NothingBody,
        response: { 200: EndedView },
      },
      config: {
        right: "any",
        beside_ledger: true,
        optional_body: true,
        answers: { 200: "All are over but the one that asked" },
        problems: ["needs-sign-in"],
      },
    },
    async (request) => {
      const user = await signedInUser(services, request);
      return { sessions_ended: await sign_in.endOthers(user, originOf(request)) };
    },
  );
}

function copied(teams: readonly string[] | null): string[] | null {
  return teams === null ? null : [...teams];
}
