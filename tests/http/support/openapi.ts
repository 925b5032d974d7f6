import type { Call, Json } from "./client.ts";

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

/** The OpenAPI document and its operations, as the service gives them. */
export async function readOpenApi(call: Call): Promise<{ document: Json; operations: readonly Operation[] }> {
  const { json: document } = await call("GET", "/openapi.json");
  const paths = Object.entries(document.paths as Record<string, Record<string, Json>>);
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, json]) => operationOf(path, method, json)),
  );
  return { document, operations };
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
