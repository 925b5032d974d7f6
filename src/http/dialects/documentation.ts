import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { documentationPages } from "../routes/documentation/documentation-pages.ts";
import type { Dialect, DialectApp } from "./dialect.ts";
import { rootFrom } from "./dialect-entrance.ts";

/** Describes a dialect at /openapi.json and /docs (and /redoc), as its clients know it. Comes before any of its routes. */
export async function documentDialect(app: DialectApp, { about, schemas, redoc }: Dialect): Promise<void> {
  for (const [name, schema] of Object.entries(schemas)) app.addSchema({ $id: name, ...schema });
  await app.register(swagger, {
    openapi: { openapi: "3.1.0", info: { ...about, license: { name: "MIT", identifier: "MIT" } } as never },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
  let made: object | null = null;
  const document = (request: FastifyRequest): object => {
    made ??= app.swagger();
    // The same dialect may be reached in several ways: the caller's own is the server to try it out on.
    return { ...made, servers: [{ url: rootFrom(request.url) }] };
  };
  app.get("/openapi.json", { schema: { hide: true } }, async (request) => document(request));
  await app.withTypeProvider<TypeBoxTypeProvider>().register(async (pages) => {
    await documentationPages(pages, { title: about.title, redoc, baseOf: ({ url }) => rootFrom(url), document });
  });
}
