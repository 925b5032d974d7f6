import type { FastifyContextConfig, RouteOptions } from "fastify";
import type { ProblemCode } from "./problems.ts";

type Documented = Pick<RouteOptions, "method" | "schema"> & { readonly config?: FastifyContextConfig };

/** Every problem that a route can answer with: what it declares itself, and what every route like it shares. */
export function problemsOf({ method, schema, config = {} }: Documented): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>(["malformed-url", ...(config.problems ?? [])]);
  const isWrite = method !== "GET";
  if (config.public !== true) {
    for (const code of [
      "unauthorized",
      "rate-limited",
      "malformed-header",
      "ledger-damaged",
      "position-not-reached",
      "storage-failing",
    ] as const) {
      codes.add(code);
    }
    if (isWrite) codes.add("foreign-origin");
  }
  if (config.probe !== true) codes.add("foreign-host");
  if (config.right !== undefined && config.right !== "any") codes.add("forbidden");
  if (config.costly === true) codes.add("rate-limited");
  if (schema?.querystring !== undefined) codes.add("validation-failed");
  // A body that is not asked for is read all the same, and passed over where it can be.
  if (isWrite)
    for (const code of ["malformed-json", "body-too-large", "unsupported-media-type"] as const) codes.add(code);
  if (schema?.body !== undefined) {
    codes.add("validation-failed");
    if (config.optional_body !== true) codes.add("body-missing");
  }
  if (isWrite && config.beside_ledger !== true) {
    for (const code of ["idempotency-key-reused", "queue-full", "rules-too-new", "closing"] as const) codes.add(code);
    if (config.conditional === true) codes.add("version-mismatch");
  }
  return [...codes, "internal-error"];
}
