import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { Text, WholeNumber } from "../../fields.ts";
import { escapeHtml, prefersHtml, sendPage } from "../../html-page.ts";
import { ProblemError } from "../../problem-error.ts";
import { type ProblemCode, type ProblemKind, problemKinds } from "../../problems.ts";

const example = {
  code: "not-higher",
  type: "/problems/not-higher",
  status: 409,
  title: "The severity is not higher",
  explanation: "Escalate only raises (1 is the highest). PATCH the severity to lower it.",
};

const ProblemKindView = Type.Object(
  { code: Text, type: Text, status: WholeNumber, title: Text, explanation: Text },
  { examples: [example] },
);

const CodePath = Type.Object({
  code: Type.String({ description: "the last part of a problem's `type`", examples: ["not-higher"] }),
});

/** GET /problems and /problems/<code>: what every problem means, as JSON or, for a browser, as a page. */
export function problemRoutes(app: App): void {
  app.get(
    "/problems",
    {
      schema: {
        tags: ["problems"],
        summary: "Every problem that the service answers with",
        operationId: "listProblems",
        response: {
          200: Type.Object({ problems: Type.Array(ProblemKindView) }, { examples: [{ problems: [example] }] }),
        },
      },
      config: { public: true, page: true, answers: { 200: "All of them" } },
    },
    async (request, reply) => {
      const problems = [...problemKinds].map(([code, kind]) => viewOf(code, kind));
      if (!prefersHtml(request)) {
        reply.header("vary", "accept");
        return { problems };
      }
      const items = problems.map(
        ({ code, status, title }) =>
          `<li><a href="/problems/${code}">${code}</a> (${status}): ${escapeHtml(title)}</li>`,
      );
      return sendPage(reply, "Problems", `<ul>\n${items.join("\n")}\n</ul>`);
    },
  );

  app.get(
    "/problems/:code",
    {
      schema: {
        tags: ["problems"],
        summary: "What a problem means and what to do about it",
        params: CodePath,
        response: { 200: ProblemKindView },
      },
      config: { public: true, page: true, answers: { 200: "The problem" }, problems: ["problem-not-found"] },
    },
    async (request, reply) => {
      const found = [...problemKinds].find(([code]) => code === request.params.code);
      if (found === undefined)
        throw new ProblemError("problem-not-found", "No problem has this code. GET /problems lists them.");
      const [code, kind] = found;
      if (prefersHtml(request)) {
        const body = `<p>${escapeHtml(kind.explanation)}</p>\n<p>Code <code>${code}</code>, HTTP status ${kind.status}.</p>`;
        return sendPage(reply, kind.title, body);
      }
      reply.header("vary", "accept");
      return viewOf(code, kind);
    },
  );
}

function viewOf(code: ProblemCode, { status, title, explanation }: ProblemKind) {
  return { code, type: `/problems/${code}`, status, title, explanation };
}
