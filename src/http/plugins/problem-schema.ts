import { Type } from "@sinclair/typebox";
import { Text, WholeNumber } from "../fields.ts";
import { problemHeaders } from "../openapi/answer-headers.ts";
import { type ProblemCode, problemKind } from "../problems.ts";

/** An answer of RFC 9457. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: "/problems/<code>; GET it for an explanation" }),
    title: Text,
    status: WholeNumber,
    detail: Text,
    instance: Type.String({ description: "the request id" }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.Optional(Type.String({ description: "the field of the body, as a JSON pointer" })),
          parameter: Type.Optional(Type.String({ description: "the parameter of the query" })),
          header: Type.Optional(Text),
          detail: Text,
        }),
      ),
    ),
  },
  { $id: "Problem" },
);

/** The documentation of one status of a route: which problems it may be, with an example of the first. */
export function problemAnswer(status: number, codes: readonly ProblemCode[]): object {
  return {
    description: codes.map((code) => `\`${code}\`: ${problemKind(code).title}`).join("; "),
    headers: Object.fromEntries(problemHeaders(status).map((name) => [name, {}])),
    content: {
      "application/problem+json": {
        schema: { $ref: "Problem#" },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

function exampleOf(code: ProblemCode): object {
  const { status, title, explanation } = problemKind(code);
  const errors =
    code === "validation-failed"
      ? { errors: [{ pointer: "#/severity", detail: "must be a whole number from 1 to 5" }] }
      : {};
  return { type: `/problems/${code}`, title, status, detail: explanation, instance: "5c1f9a3b-1", ...errors };
}
