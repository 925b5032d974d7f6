import * as fc from "fast-check";
import { Choices } from "../../simulation/choices.ts";
import type { Request } from "./client.ts";
import { nearly, valuesOf } from "./generated-values.ts";
import type { Json } from "./json.ts";
import type { Operation } from "./openapi.ts";

/** A request of an operation. */
export interface GeneratedRequest {
  readonly url: string;
  readonly request: Request;
  /** Whether its body is what tells whether it is valid: the rest of it is in order. */
  readonly isPlain: boolean;
}

/** How many of each kind there are for an operation. */
const valid = 8;
const almost = 12;
const hostile = 10;

/** Names and numbers that mean something to a service in which incidents were reported and teams created. */
const lively: Readonly<Record<string, readonly unknown[]>> = {
  handler: ["Alice", "Bob", "nobody"],
  assigned_to: ["Alice", "Charlie"],
  handler_id: ["Alice"],
  team: ["default", "network"],
  into: [1, 2, 3],
  ids: [[1], [2, 99, 3]],
};
const paths: Readonly<Record<string, readonly string[]>> = {
  handlers: ["Alice", "bob", "Dora"],
  teams: ["default", "NETWORK"],
  problems: ["not-higher"],
  incidents: ["1", "2", "3", "4", "5", "6"],
};
const oddPaths = [
  "0",
  "-1",
  "x",
  "99",
  "%00",
  "%2e%2e",
  "..%2f..%2fetc",
  "%zz",
  "__proto__",
  "constructor",
  "9".repeat(300),
];
const oddQueries = ["", "0", "-1", "x", "1.5", "%00", "%zz", "%ff", "1&limit=2", "'%3B--", "9".repeat(5000)];
const oddHeaders: readonly Readonly<Record<string, string | null>>[] = [
  { authorization: null },
  { authorization: "Bearer" },
  { authorization: `Bearer ${"x".repeat(5000)}` },
  { "ledger-min-position": "x" },
  { "ledger-min-position": "-1" },
  { "if-match": "four" },
  { "if-match": '"99"' },
  { "if-none-match": "," },
  { "idempotency-key": "" },
  { "idempotency-key": "x".repeat(300) },
  { "content-type": "text/plain" },
  { "content-type": "application/json; charset=utf-16" },
  { "content-type": "nonsense" },
  { "x-request-id": "a b\u00e9" },
  { accept: "image/png" },
];
const oddBodies = [
  "",
  "{",
  "[]",
  "null",
  "\ufeff{}",
  '{"a":1}{',
  '"\\ud800"',
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  "x".repeat(1_048_577),
];

/** Requests of an operation: valid ones, nearly valid ones and hostile ones, the same for the same seed. */
export function requestsOf(document: Json, operation: Operation, seed: number): readonly GeneratedRequest[] {
  const choices = new Choices(seed);
  const bodies = bodiesOf(document, operation, seed);
  const queries = queriesOf(document, operation, seed);
  const plain = (body: unknown): GeneratedRequest => ({
    url: urlOf(operation, choices) + choices.one(queries),
    request: body === undefined ? {} : { body },
    isPlain: true,
  });
  const spoiled = Array.from({ length: operation.hasBody ? almost : 0 }, () =>
    plain(choices.one(nearly(choices.one(bodies)))),
  );
  return [
    ...bodies.map(plain),
    ...spoiled,
    ...Array.from({ length: hostile }, () => spoil(operation, plain(choices.one(bodies)), choices)),
  ];
}

function urlOf({ path }: Operation, choices: Choices): string {
  const resource = path.split("/")[1] ?? "";
  return path.replace(/\{[^}]+\}/g, () => choices.one(paths[resource] ?? ["1"]));
}

function bodiesOf(document: Json, { hasBody, json }: Operation, seed: number): readonly unknown[] {
  if (!hasBody) return Array.from({ length: valid }, () => undefined);
  const { content } = json.requestBody as { content: Record<string, { schema: Json; example?: unknown }> };
  const media = content["application/json"];
  if (media === undefined) return [undefined];
  return [media.example, ...fc.sample(valuesOf(document, media.schema, lively), { numRuns: valid, seed })];
}

function queriesOf(document: Json, { json }: Operation, seed: number): readonly string[] {
  const parameters = ((json.parameters ?? []) as readonly Json[]).filter((parameter) => parameter.in === "query");
  const each = parameters.map(({ name, schema }) => {
    const values = fc.sample(valuesOf(document, schema as Json, lively), { numRuns: 4, seed });
    return values.flatMap((value) => [value].flat().map((one) => `${name}=${encodeURIComponent(String(one))}`));
  });
  return [
    "",
    ...each.flat().map((pair) => `?${pair}`),
    ...(each.length > 1 ? [`?${each.flatMap(([first]) => first ?? []).join("&")}`] : []),
  ];
}

/** Makes one thing of a request odd. */
function spoil(operation: Operation, { url, request }: GeneratedRequest, choices: Choices): GeneratedRequest {
  const names = ((operation.json.parameters ?? []) as readonly Json[])
    .filter((one) => one.in === "query")
    .map((one) => one.name);
  const name = names.length > 0 && choices.percent(80) ? choices.one(names) : "x";
  return choices.one([
    { url: operation.path.replace(/\{[^}]+\}/g, () => choices.one(oddPaths)), request, isPlain: false },
    { url: `${url.split("?", 1)[0]}?${name}=${choices.one(oddQueries)}`, request, isPlain: false },
    { url, request: { ...request, headers: choices.one(oddHeaders) }, isPlain: false },
    ...(operation.hasBody ? [{ url, request: { raw: choices.one(oddBodies) }, isPlain: false }] : []),
  ]);
}
