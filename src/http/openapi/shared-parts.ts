import { headerObjects } from "./answer-headers.ts";

/** A part of the document. */
export type Json = Record<string, unknown>;

/** One operation of the document, as far as its parts are shared. */
export interface OperationObject extends Json {
  operationId?: string;
  parameters?: Json[];
  requestBody?: BodyObject;
  responses?: Record<string, ResponseObject>;
}

interface BodyObject extends Json {
  content?: Record<string, Json>;
}

interface ResponseObject extends BodyObject {
  headers?: Record<string, unknown>;
}

type Components = Record<"schemas" | "headers" | "parameters" | "examples" | "responses", Json>;

/**
 * Moves what is worth a name into the components of the document: the bodies of requests and answers (generated clients
 * name their types after them), headers, parameters, the examples of problems, and the problems that several operations
 * answer with.
 */
export function shareParts(operations: readonly OperationObject[]): Components {
  const schemas: Json = {};
  for (const { operationId = "", requestBody, responses = {} } of operations) {
    const name = operationId.charAt(0).toUpperCase() + operationId.slice(1);
    if (requestBody !== undefined) nameSchemas(requestBody, `${name}Body`, schemas);
    for (const response of Object.values(responses)) nameSchemas(response, `${name}Answer`, schemas);
  }
  const headers: Json = {};
  const examples: Json = {};
  for (const response of operations.flatMap(({ responses = {} }) => Object.values(responses))) {
    shareHeaders(response, headers);
    shareExamples(response, examples);
  }
  const parameters = shareEqual(
    operations.flatMap(({ parameters: own = [] }) => own.map((value, index) => ({ value, holder: own, key: index }))),
    "parameters",
    ({ name }) => String(name),
  );
  const problems = operations.flatMap(({ responses: own = {} }) =>
    Object.entries(own).map(([status, value]) => ({ value, holder: own, key: status })),
  );
  const responses = shareEqual(
    problems.filter(({ value }) => problemContent(value) !== undefined),
    "responses",
    nameOfProblems,
  );
  return { schemas, headers, parameters, examples, responses };
}

/** Gives the schemas of a body a name, unless they have one. Different schemas do not share one. */
function nameSchemas({ content = {} }: BodyObject, name: string, shared: Json): void {
  for (const media of Object.values(content)) {
    const { schema } = media;
    if (typeof schema !== "object" || schema === null || !("properties" in schema)) continue;
    if (JSON.stringify(shared[name] ?? schema) !== JSON.stringify(schema)) continue;
    shared[name] = schema;
    media.schema = { $ref: `#/components/schemas/${name}` };
  }
}

function shareHeaders({ headers: own = {} }: ResponseObject, shared: Json): void {
  for (const name of Object.keys(own)) {
    const object = headerObjects[name];
    if (object === undefined) continue;
    shared[name] = object;
    own[name] = { $ref: `#/components/headers/${name}` };
  }
}

function shareExamples(response: ResponseObject, shared: Json): void {
  const own = (problemContent(response)?.examples ?? {}) as Json;
  for (const [code, example] of Object.entries(own)) {
    shared[code] = example;
    own[code] = { $ref: `#/components/examples/${code}` };
  }
}

function problemContent({ content = {} }: ResponseObject): Json | undefined {
  return content["application/problem+json"];
}

interface Place<Value> {
  readonly value: Value;
  readonly holder: Json | Json[];
  readonly key: string | number;
}

/** Shares what stands in more than one place; of several that would have the same name, the most frequent. */
function shareEqual<Value extends Json>(
  places: readonly Place<Value>[],
  kind: "parameters" | "responses",
  nameOf: (value: Value) => string,
): Json {
  const equal = new Map<string, Place<Value>[]>();
  for (const place of places) {
    const text = JSON.stringify(place.value);
    equal.set(text, [...(equal.get(text) ?? []), place]);
  }
  const shared: Json = {};
  for (const group of [...equal.values()].sort((a, b) => b.length - a.length)) {
    const value = group[0]?.value;
    if (value === undefined || group.length < 2) continue;
    const name = nameOf(value);
    if (shared[name] !== undefined) continue;
    shared[name] = value;
    for (const { holder, key } of group) (holder as Json)[key] = { $ref: `#/components/${kind}/${name}` };
  }
  return shared;
}

/** `not-found` alone is NotFound; of several, each may be the reason. */
function nameOfProblems(response: ResponseObject): string {
  const codes = Object.keys((problemContent(response)?.examples ?? {}) as Json);
  const names = codes.map((code) => code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  return names.length > 4 ? `${names.slice(0, 3).join("Or")}OrOther` : names.join("Or");
}
