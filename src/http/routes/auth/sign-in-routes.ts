import type { FastifyReply, FastifyRequest } from "fastify";
import { deviceLife_s } from "../../../access/device.ts";
import type { App } from "../../app-type.ts";
import { bearerTokenOf } from "../../plugins/authentication.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { LoginBody, LogoutBody, RefreshBody } from "./auth-bodies.ts";
import { SignedOutView, TokensView, tokensView } from "./auth-views.ts";
import { originOf, throttled } from "./caller.ts";

const tags = ["sign-in"];
const realm = { headers: { "www-authenticate": 'Bearer realm="incident-ledger"' } };

/** POST /auth/login, /auth/refresh and /auth/logout. */
export function signInRoutes(app: App, services: Services): void {
  const { sign_in } = services.identity;

  app.post(
    "/auth/login",
    {
      schema: {
        tags,
        summary: "Sign in with e-mail address and password",
        operationId: "signIn",
        description:
          "Unknown, wrong and inactive get one answer, and wait as long for it. After five failures from one network each further one waits longer. The cookie that comes along opens nothing: it marks the device as known, so that failures of others are not held against it.",
        body: LoginBody,
        response: { 200: TokensView },
      },
      config: {
        public: true,
        costly: true,
        beside_ledger: true,
        marks_device: true,
        problems: ["sign-in-refused", "too-many-attempts", "sign-in-busy"],
        answers: { 200: "A short access token and the first refresh token of a new session" },
      },
    },
    async (request, reply) => {
      const origin = originOf(request);
      const outcome = await sign_in.signIn({ ...request.body, device: deviceOf(request), origin });
      if (outcome.kind === "throttled") throw throttled(outcome.retry_after_seconds);
      if (outcome.kind === "refused") {
        throw new ProblemError("sign-in-refused", "E-mail address and password do not belong together.", realm);
      }
      markDevice(services, reply, outcome.device);
      reply.header("cache-control", "no-store");
      return tokensView(outcome.tokens);
    },
  );

  app.post(
    "/auth/refresh",
    {
      schema: {
        tags,
        summary: "Get the next pair of tokens",
        operationId: "refreshTokens",
        description:
          "Each refresh token works once. One that comes a second time ends the session at once, for everybody who has a token of it: it was copied.",
        body: RefreshBody,
        response: { 200: TokensView },
      },
      config: {
        public: true,
        costly: true,
        beside_ledger: true,
        problems: ["session-over"],
        answers: { 200: "A new access token, and the refresh token that takes the place of the one sent" },
      },
    },
    async (request, reply) => {
      const tokens = await sign_in.refresh(request.body.refresh_token, originOf(request));
      if (tokens === null)
        throw new ProblemError("session-over", "This refresh token is not valid, or not any longer.", realm);
      reply.header("cache-control", "no-store");
      return tokensView(tokens);
    },
  );

  app.post(
    "/auth/logout",
    {
      schema: {
        tags,
        summary: "Sign out",
        operationId: "signOut",
        description:
          "Ends the session of the access token that the request comes with, or that of a refresh token in the body, also where the access token is over. A session that is over already is no error.",
        body: LogoutBody,
        response: { 200: SignedOutView },
      },
      config: {
        public: true,
        costly: true,
        beside_ledger: true,
        optional_body: true,
        problems: ["body-missing", "session-over"],
        answers: { 200: "The session is over" },
      },
    },
    async (request) => {
      const { refresh_token } = request.body;
      const access_token = bearerTokenOf(request.headers.authorization);
      if (refresh_token !== undefined) await sign_in.signOutByToken(refresh_token, originOf(request));
      const user = access_token === null ? null : await sign_in.authenticateUser(access_token);
      if (user !== null) await sign_in.signOut(user, originOf(request));
      else if (refresh_token === undefined) throw nothingToEnd(access_token);
      return { signed_out: true } as const;
    },
  );
}

function nothingToEnd(access_token: string | null): ProblemError {
  if (access_token === null) {
    return new ProblemError(
      "body-missing",
      "Send the access token in `Authorization`, or `refresh_token` in the body.",
    );
  }
  const detail =
    "This access token is not valid, or not any longer; send `refresh_token` in the body to end its session.";
  return new ProblemError("session-over", detail, realm);
}

/** The mark of the device, if the request has one. */
export function deviceOf(request: FastifyRequest): string | null {
  return /(?:^|;\s*)il_device=([^;\s]{1,200})/.exec(request.headers.cookie ?? "")?.[1] ?? null;
}

function markDevice({ identity }: Services, reply: FastifyReply, mark: string): void {
  const secure = identity.public_url.startsWith("https:") ? "; Secure" : "";
  const cookie = `il_device=${mark}; Path=/auth; Max-Age=${deviceLife_s}; HttpOnly; SameSite=Strict${secure}`;
  reply.header("set-cookie", cookie);
}
