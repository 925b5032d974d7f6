import swagger from "@fastify/swagger";
import type { FastifyContextConfig, FastifySchema, RouteOptions } from "fastify";
import { limits } from "../../config.ts";
import type { App } from "../app-type.ts";
import { problemsOf } from "../documented-problems.ts";
import { type ProblemCode, problemKind } from "../problems.ts";
import type { Services } from "../services.ts";
import { problemAnswer } from "./problem-schema.ts";

/** Marks, on the way through the generator, a route whose body may be left out. */
const optionalBody = "x-optional-body";

type Json = Record<string, unknown>;

/** Makes the OpenAPI document from the routes, and serves it at /openapi.json. Comes before any route. */
export async function documentRoutes(app: App, { about }: Services): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Incident Ledger",
        version: about.version,
        description:
          "An incident desk whose every decision can be replayed. Errors are RFC 9457 problems; /problems explains each.",
        license: { name: "MIT", identifier: "MIT" },
      } as never,
      servers: [{ url: "/" }],
      components: {
        securitySchemes: { key: { type: "http", scheme: "bearer", description: "an API key" } },
      },
      security: [{ key: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
    transform: ({ schema, url, route }) => ({ schema: documented(app, schema ?? {}, route), url }),
    transformObject: (document) => freeOptionalBodies("openapiObject" in document ? document.openapiObject : {}),
  });
  const textOf = once((from: App) => JSON.stringify(from.swagger()));
  app.get(
    "/openapi.json",
    {
      schema: {
        tags: ["service"],
        summary: "This document",
        response: { 200: { type: "object", additionalProperties: true } },
      },
      config: { public: true, answers: { 200: "OpenAPI 3.1" } },
    },
    async (_request, reply) =>
      reply
        .serializer((json: string) => json)
        .type("application/json; charset=utf-8")
        .send(textOf(app)),
  );
}

/** Makes a text at the first call and keeps it. */
function once(make: (app: App) => string): (app: App) => string {
  let made: string | null = null;
  return (app) => {
    made ??= make(app);
    return made;
  };
}

/** A route's schema with everything that its kind of route has in common: headers, problems, credentials. */
function documented(app: App, schema: FastifySchema, route: RouteOptions): FastifySchema {
  const config: FastifyContextConfig = route.config ?? {};
  const path = route.url
    .replaceAll(":", "")
    .split("/")
    .filter((step) => step !== "");
  const headers = headersOf(route, config);
  return {
    ...schema,
    operationId: [String(route.method).toLowerCase(), ...path].join("_").replaceAll(".", "_"),
    ...(config.optional_body === true ? { [optionalBody]: true } : {}),
    ...(headers === null ? {} : { headers }),
    ...(config.public === true ? { security: [] } : {}),
    ...(route.method === "PATCH" ? { consumes: ["application/json", "application/merge-patch+json"] } : {}),
    response: { ...goodAnswers(app, schema, config), ...problemAnswers(problemsOf({ ...route, config })) },
  };
}

function headersOf(route: RouteOptions, config: FastifyContextConfig): Json | null {
  if (config.public === true) return null;
  const properties: Record<string, Json> = {
    "Ledger-Min-Position": {
      type: "integer",
      minimum: 0,
      description: `waits until this node has reached the position, for ${limits.min_position_wait_ms / 1000} s at most`,
    },
  };
  if (route.method === "GET" && config.tagged === true) {
    properties["If-None-Match"] = { type: "string", description: "ETags; 304 where one is the present one" };
  }
  if (route.method !== "GET") {
    properties["Idempotency-Key"] = {
      type: "string",
      minLength: 1,
      description: "repeated within seven days with the same request, it gets the same answer and writes nothing",
    };
    if (config.conditional === true) {
      properties["If-Match"] = { type: "string", description: "ETags; 412 unless one is the present one" };
    }
  }
  return { type: "object", properties };
}

function goodAnswers(app: App, schema: FastifySchema, config: FastifyContextConfig): Json {
  const responses = (schema.response ?? {}) as Record<string, Json>;
  return Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => {
      const description = config.answers?.[Number(status)] ?? "";
      const headers = answerHeaders(Number(status), config);
      if (answer.type === "null") return [status, { type: "null", description, headers }];
      if ("content" in answer) return [status, { description, headers, ...answer }];
      const content = { "application/json": { schema: answer, ...exampleOf(app, answer) } };
      return [status, { description, headers, content }];
    }),
  );
}

/** The example of an answer, or of the shared schema that it refers to. */
function exampleOf(app: App, answer: Json): Json {
  const shared = typeof answer.$ref === "string" ? app.getSchema(answer.$ref.replace(/#$/, "")) : answer;
  const examples: unknown =
    typeof shared === "object" && shared !== null && "examples" in shared ? shared.examples : [];
  return Array.isArray(examples) && examples.length > 0 ? { example: examples[0] } : {};
}

function answerHeaders(status: number, config: FastifyContextConfig): Json {
  return {
    "Ledger-Position": { type: "integer", description: "the position that the answer reflects, or wrote" },
    "X-Request-Id": { type: "string", description: "names the request in the log" },
    ...(config.tagged === true ? { ETag: { type: "string", description: "the version, in quotes" } } : {}),
    ...(status === 201 ? { Location: { type: "string", description: "where it is from now on" } } : {}),
  };
}

function problemAnswers(codes: readonly ProblemCode[]): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problemKind(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, those]) => [status, problemAnswer(those)]),
  );
}

/** The generator calls every body required; those that may be left out are told apart by their mark. */
function freeOptionalBodies<Document extends object>(document: Document): Document {
  const { paths } = document as { paths?: Record<string, Record<string, Json & { requestBody?: Json }>> };
  for (const operation of Object.values(paths ?? {}).flatMap((path) => Object.values(path))) {
    if (operation[optionalBody] !== true) continue;
    delete operation[optionalBody];
    if (operation.requestBody !== undefined) operation.requestBody.required = false;
  }
  return document;
}
