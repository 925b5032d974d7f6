import type { App } from "../../app-type.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { AcceptBody, PasswordBody, RecoverBody } from "./auth-bodies.ts";
import { AcceptedView, EndedView, RecoverView } from "./auth-views.ts";
import { originOf, signedInUser, throttled, unfitPassword } from "./caller.ts";
import { linkPage } from "./link-page.ts";
import { deviceOf } from "./sign-in-routes.ts";

const tags = ["sign-in"];
const onItsWay =
  "If this is the address of an active user, a mail with a link that works for 10 minutes is on its way.";

/** POST /auth/password, /auth/recover and /auth/accept, and the page that a mailed link leads to. */
export function passwordRoutes(app: App, services: Services): void {
  const { passwords } = services.identity;

  app.post(
    "/auth/password",
    {
      schema: {
        tags,
        summary: "Change the caller's password",
        operationId: "changePassword",
        description: "Ends all other sessions of the caller, and any recovery link. The owner is told by mail.",
        body: PasswordBody,
        response: { 200: EndedView },
      },
      config: {
        right: "any",
        beside_ledger: true,
        answers: { 200: "It is changed" },
        problems: ["needs-sign-in", "password-wrong", "password-unfit", "too-many-attempts", "sign-in-busy"],
      },
    },
    async (request) => {
      const user = await signedInUser(services, request);
      const { current_password, new_password } = request.body;
      const wanted = { current: current_password, next: new_password, device: deviceOf(request) };
      const outcome = await passwords.change(user, wanted, originOf(request));
      switch (outcome.kind) {
        case "changed":
          return { sessions_ended: outcome.sessions_ended };
        case "throttled":
          throw throttled(outcome.retry_after_seconds);
        case "unfit":
          throw unfitPassword("new_password", outcome.fault);
        case "wrong":
          throw new ProblemError("password-wrong", "`current_password` is not the present password.", {
            faults: [{ pointer: "#/current_password", detail: "is not the present password" }],
          });
      }
    },
  );

  app.post(
    "/auth/recover",
    {
      schema: {
        tags,
        summary: "Ask for a link to choose a new password",
        operationId: "recoverPassword",
        description:
          "The answer is the same whether or not anybody has this address. At most one mail goes out in five minutes.",
        body: RecoverBody,
        response: { 202: RecoverView },
      },
      config: { public: true, costly: true, beside_ledger: true, answers: { 202: "Whatever becomes of it" } },
    },
    async (request, reply) => {
      passwords.recover(request.body.email, originOf(request));
      return reply.code(202).send({ message: onItsWay });
    },
  );

  app.post(
    "/auth/accept",
    {
      schema: {
        tags,
        summary: "Choose a password by means of a mailed link",
        operationId: "acceptLink",
        description:
          "Works once for each link; a password that will not do does not use it up. Ends all sessions of the user and signs nobody in.",
        body: AcceptBody,
        response: { 200: AcceptedView },
      },
      config: {
        public: true,
        costly: true,
        beside_ledger: true,
        answers: { 200: "The password is set; sign in with it" },
        problems: ["link-over", "password-unfit", "sign-in-busy"],
      },
    },
    async (request) => {
      const outcome = await passwords.accept(request.body, originOf(request));
      if (outcome.kind === "unfit") throw unfitPassword("password", outcome.fault);
      if (outcome.kind === "invalid")
        throw new ProblemError("link-over", "This link was used, is too old, or never was.");
      return { password_set: true } as const;
    },
  );

  app.get(
    "/auth/link",
    {
      schema: {
        tags,
        summary: "The page that a mailed link leads to",
        operationId: "getLinkPage",
        response: {
          200: {
            content: {
              "text/html": { schema: { type: "string" }, example: '<!doctype html>\n<html lang="en">…</html>' },
            },
          },
        },
      },
      config: {
        public: true,
        answers: { 200: "A page for choosing a password; what stands behind the # stays in the browser" },
      },
    },
    async (_request, reply) => linkPage(reply),
  );
}
