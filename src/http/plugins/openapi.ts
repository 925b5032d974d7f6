import swagger from "@fastify/swagger";
import type { FastifyContextConfig, FastifySchema, RouteOptions } from "fastify";
import { limits } from "../../config.ts";
import { rolesWith } from "../../rules/rights.ts";
import type { App } from "../app-type.ts";
import { problemsOf } from "../documented-problems.ts";
import { goodAnswerHeaders } from "../openapi/answer-headers.ts";
import { finishDocument, optionalBody } from "../openapi/finish-document.ts";
import { introduction, keyScheme } from "../openapi/introduction.ts";
import { operationIdOf } from "../openapi/operation-id.ts";
import { type ProblemCode, problemKind } from "../problems.ts";
import type { Services } from "../services.ts";
import { problemAnswer } from "./problem-schema.ts";

type Json = Record<string, unknown>;

/** Makes the OpenAPI document from the routes, and serves it at /openapi.json. Comes before any route. */
export async function documentRoutes(app: App, { about }: Services): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Incident Ledger",
        version: about.version,
        description: introduction,
        license: { name: "MIT", identifier: "MIT" },
      } as never,
      servers: [{ url: "/", description: "the service that this document came from" }],
      components: { securitySchemes: { key: keyScheme } },
      security: [{ key: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
    transform: ({ schema, url, route }) => ({ schema: documented(app, schema ?? {}, route), url }),
    transformObject: (document) => finishDocument("openapiObject" in document ? document.openapiObject : {}),
  });
  const textOf = once((from: App) => JSON.stringify(from.swagger()));
  app.get(
    "/openapi.json",
    {
      schema: {
        tags: ["service"],
        summary: "This document",
        operationId: "getOpenApi",
        response: {
          200: {
            type: "object",
            properties: { openapi: { type: "string" }, info: { type: "object" }, paths: { type: "object" } },
            required: ["openapi", "info", "paths"],
            additionalProperties: true,
            examples: [{ openapi: "3.1.0", info: { title: "Incident Ledger", version: about.version }, paths: {} }],
          },
        },
      },
      config: { public: true, costly: true, answers: { 200: "OpenAPI 3.1" } },
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
  if (schema.hide === true) return schema;
  const config: FastifyContextConfig = route.config ?? {};
  const responses = (schema.response ?? {}) as Record<string, Json>;
  const isList = isPage(responses["200"]);
  return {
    ...schema,
    operationId: schema.operationId ?? operationIdOf({ method: String(route.method), url: route.url, isList }),
    ...(config.optional_body === true ? { [optionalBody]: true } : {}),
    headers: headersOf(route, config),
    ...describedRight(schema, config),
    security: config.public === true ? [] : [{ key: [] }],
    ...(route.method === "PATCH" ? { consumes: ["application/json", "application/merge-patch+json"] } : {}),
    response: {
      ...goodAnswers(app, responses, route, config),
      ...problemAnswers(problemsOf({ ...route, config })),
    },
  };
}

/** The description, with the roles that may do this. */
function describedRight({ description }: FastifySchema, { right }: FastifyContextConfig): { description?: string } {
  if (right === undefined || right === "any") return description === undefined ? {} : { description };
  return { description: [description, `For ${rolesWith(right)}.`].filter((part) => part !== undefined).join(" ") };
}

/** Whether an answer is a page of a list. */
function isPage(answer: Json | undefined): boolean {
  const properties: unknown = answer?.properties;
  return typeof properties === "object" && properties !== null && "next_cursor" in properties;
}

/** The headers that a route takes. They have no examples: Swagger UI would send those with every request. */
function headersOf(route: RouteOptions, config: FastifyContextConfig): Json {
  const properties: Record<string, Json> = {
    "X-Request-Id": {
      type: "string",
      pattern: "^[\\w.:-]{1,128}$",
      description: "a name for this request, for the log and the answer; one that does not fit is replaced",
    },
  };
  if (config.public === true) return { type: "object", properties };
  properties["Ledger-Min-Position"] = {
    type: "integer",
    minimum: 0,
    description: `waits until this node has reached the position, for ${limits.min_position_wait_ms / 1000} s at most`,
  };
  if (route.method === "GET" && config.tagged === true) {
    properties["If-None-Match"] = {
      type: "string",
      description: 'ETags, such as `"3"`; 304 where one is the present one',
    };
  }
  if (config.resumable === true) {
    properties["Last-Event-ID"] = {
      type: "string",
      pattern: "^[0-9]{1,15}$",
      description: "the `id` after which the stream goes on; wins over `after`",
    };
  }
  if (route.method !== "GET" && config.beside_ledger !== true) {
    properties["Idempotency-Key"] = {
      type: "string",
      minLength: 1,
      maxLength: limits.idempotency_key_characters + 2,
      description:
        "bare or in quotes; repeated within seven days with the same request, it gets the same answer and writes nothing",
    };
    if (config.conditional === true) {
      properties["If-Match"] = {
        type: "string",
        description: 'ETags, such as `"3"`; 412 unless one is the present one',
      };
    }
  }
  return { type: "object", properties };
}

/**
 * The answers that are no problems. A schema alone stands for JSON; a route with other media types gives `content`
 * itself, and an example with each.
 */
function goodAnswers(
  app: App,
  responses: Readonly<Record<string, Json>>,
  { method }: RouteOptions,
  config: FastifyContextConfig,
): Json {
  const isMaking = responses["201"] !== undefined;
  return Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => {
      const description = config.answers?.[Number(status)] ?? answer.description ?? "";
      const names = goodAnswerHeaders({ method: String(method), config, isList: isPage(answer), isMaking });
      const headers = { ...Object.fromEntries(names.map((name) => [name, {}])), ...(answer.headers ?? {}) };
      if (answer.type === "null") return [status, { type: "null", description, headers }];
      const { csv_example: csv, ndjson_example: ndjson } = config;
      const content = structuredClone(answer.content) ?? {
        "application/json": { schema: answer, ...exampleOf(app, answer) },
        ...(config.page === true ? { "text/html": htmlPage } : {}),
        ...(csv === undefined ? {} : { "text/csv": { schema: { type: "string" }, example: csv } }),
        ...(ndjson === undefined ? {} : { "application/x-ndjson": { schema: { type: "string" }, example: ndjson } }),
      };
      return [status, { description, headers, content }];
    }),
  );
}

const htmlPage = {
  schema: { type: "string", description: "the same for people, where Accept names text/html" },
  example: '<!doctype html>\n<html lang="en">…</html>',
};

/** The example of an answer, or of the shared schema that it refers to. */
function exampleOf(app: App, answer: Json): Json {
  const shared = typeof answer.$ref === "string" ? app.getSchema(answer.$ref.replace(/#$/, "")) : answer;
  const examples: unknown =
    typeof shared === "object" && shared !== null && "examples" in shared ? shared.examples : [];
  return Array.isArray(examples) && examples.length > 0 ? { example: examples[0] } : {};
}

function problemAnswers(codes: readonly ProblemCode[]): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problemKind(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, those]) => [status, problemAnswer(status, those)]),
  );
}
