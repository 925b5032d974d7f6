import type { Json } from "./json.ts";

/** One operation of the OpenAPI document. */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As in the document: `/incidents/{id}`. */
  readonly path: string;
  readonly isPublic: boolean;
  readonly hasBody: boolean;
  readonly hasQuery: boolean;
  readonly isConditional: boolean;
  readonly statuses: readonly number[];
  readonly json: Json;
}

/** Asks for a document; a `Call` does. */
type Get = (method: "GET", url: string) => Promise<{ readonly json: Json }>;

/** The OpenAPI document and its operations, as the service gives them. */
export async function readOpenApi(call: Get): Promise<{ document: Json; operations: readonly Operation[] }> {
  const { json: document } = await call("GET", "/openapi.json");
  return { document, operations: operationsOf(document) };
}

/** The operations of the document, with the shared parameters, headers, examples and answers in their places. */
export function operationsOf(document: Json): readonly Operation[] {
  const paths = Object.entries(document.paths as Record<string, Record<string, Json>>);
  return paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, json]) => operationOf(path, method, inPlace(document, json) as Json)),
  );
}

/** References to schemas stay what they are; all others are replaced by what they refer to. */
function inPlace(document: Json, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inPlace(document, item));
  if (typeof value !== "object" || value === null) return value;
  const { $ref } = value as { readonly $ref?: unknown };
  if (typeof $ref === "string" && !$ref.startsWith("#/components/schemas/")) {
    const steps = $ref.replace(/^#\//, "").split("/");
    return inPlace(
      document,
      steps.reduce<unknown>((part, step) => (part as Json | undefined)?.[step], document),
    );
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inPlace(document, part)]));
}

function operationOf(path: string, method: string, json: Json): Operation {
  const parameters = (json.parameters ?? []) as readonly Json[];
  return {
    method: method.toUpperCase() as Operation["method"],
    path,
    isPublic: Array.isArray(json.security) && json.security.length === 0,
    hasBody: json.requestBody !== undefined,
    hasQuery: parameters.some((parameter) => parameter.in === "query"),
    isConditional: parameters.some((parameter) => parameter.name === "If-Match"),
    statuses: Object.keys(json.responses as Json).map(Number),
    json,
  };
}

/** The operation to which a request belongs. */
export function operationFor(operations: readonly Operation[], method: string, url: string): Operation | undefined {
  const path = url.split("?", 1)[0] ?? "";
  const fitting = operations.filter((operation) => {
    const shape = new RegExp(`^${operation.path.replace(/\{[^}]+\}/g, "[^/]+")}/?$`);
    return operation.method === method && shape.test(path);
  });
  return fitting.find((operation) => !operation.path.includes("{")) ?? fitting[0];
}
