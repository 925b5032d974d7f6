import { type TSchema, Type } from "@sinclair/typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { limits } from "../config.ts";

/** The query parameters of every list. */
export const pageParameters = {
  limit: Type.Integer({
    minimum: 1,
    maximum: limits.page_rows,
    default: limits.default_page_rows,
    description: "how many rows at most",
  }),
  cursor: Type.Optional(Type.String({ maxLength: 4096, description: "`next_cursor` of the page before" })),
  count: Type.Boolean({ default: false, description: "adds `total`" }),
};

/** The schema of a list: its rows under a plural name. */
export function pageSchema<const Plural extends string, Row extends TSchema>(
  plural: Plural,
  row: Row,
  example: unknown,
) {
  return Type.Unsafe<PageOf<Plural, Row["static"]>>({
    type: "object",
    properties: {
      [plural]: { type: "array", items: row },
      next_cursor: { type: ["string", "null"], description: "null at the end" },
      total: { type: "integer", description: "all rows of the list, with count=true" },
    },
    required: [plural, "next_cursor"],
    examples: [{ [plural]: [example], next_cursor: null }],
  });
}

type PageOf<Plural extends string, Row> = { [Name in Plural]: Row[] } & { next_cursor: string | null; total?: number };

/**
 * Names the next page, if there is one, in the `Link` header (RFC 8288). `as_of`: the position of a list of the past, in
 * the place of whatever time stood for it.
 */
export function linkNextPage(
  request: FastifyRequest,
  reply: FastifyReply,
  next_cursor: string | null,
  as_of: number | null = null,
): void {
  if (next_cursor === null) return;
  const [path, query] = request.url.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", next_cursor);
  if (as_of !== null) parameters.set("as_of", String(as_of));
  reply.header("link", `<${path}?${parameters}>; rel="next"`);
}
