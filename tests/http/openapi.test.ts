import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Call, callerOf } from "./support/client.ts";
import { DocumentSchemas } from "./support/document-schemas.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";
import { type Operation, readOpenApi } from "./support/openapi.ts";

const it = suite("the OpenAPI document");

let node: TestNode;
let call: Call;
let document: Json;
let operations: readonly Operation[];
let schemas: DocumentSchemas;

it.before(async () => {
  node = await openNode();
  call = callerOf(node.app);
  ({ document, operations } = await readOpenApi(call));
  schemas = new DocumentSchemas(document);
});
it.after(() => node.close());

/** Checks a value against a schema of the document, whose references lead into the document. */
function assertValid(schema: unknown, value: unknown, where: string): void {
  const fault = schemas.faultOf(schema, value);
  assert.is(fault, null, `${where}: ${fault}`);
}

it("is of version 3.1 and has every path of the service", () => {
  assert.is(document.openapi, "3.1.0");
  const paths = Object.keys(document.paths as Json);
  for (const path of [
    "/incidents",
    "/incidents/bulk",
    "/incidents/{id}",
    "/incidents/{id}/snooze",
    "/queue",
    "/handlers/{id}",
  ]) {
    assert.ok(paths.includes(path), path);
  }
  assert.is(
    operations.length,
    new Set(operations.map(({ json }) => json.operationId)).size,
    "operation ids are unique",
  );
});

it("refers only to what it has", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(references.length > 50);
  for (const reference of new Set(references)) {
    const steps = reference.replace(/^#\//, "").split("/");
    const found = steps.reduce<unknown>((value, step) => (value as Json | undefined)?.[step], document);
    assert.ok(reference.startsWith("#/components/") && found !== undefined, reference);
  }
});

it("has no schema that is not one", () => {
  for (const [name, schema] of Object.entries((document.components as { schemas: Json }).schemas)) {
    assert.ok(schemas.isSchema(schema as object), name);
  }
  let count = 0;
  for (const { method, path, json } of operations) {
    const { content = {} } = (json.requestBody ?? {}) as { content?: Record<string, Json> };
    for (const { schema } of [...Object.values(content), ...((json.parameters ?? []) as readonly Json[])]) {
      assert.ok(schemas.isSchema(schema as object), `${method} ${path} ${JSON.stringify(schema)}`);
      count += 1;
    }
  }
  assert.ok(count > 150, `only ${count} schemas`);
});

it("has a summary, a tag, and a described and exemplified answer for everything", () => {
  for (const { method, path, json } of operations) {
    const name = `${method} ${path}`;
    assert.ok(typeof json.summary === "string" && Array.isArray(json.tags), name);
    for (const [status, response] of Object.entries(json.responses as Record<string, Json>)) {
      assert.ok(typeof response.description === "string" && response.description.length > 3, `${name} ${status}`);
      if (status === "304") continue;
      for (const media of Object.values(response.content as Record<string, Json>)) {
        assert.ok(media.example !== undefined || media.examples !== undefined, `${name} ${status} has no example`);
      }
    }
  }
});

it("has examples that fit their schemas", () => {
  let count = 0;
  for (const { method, path, json } of operations) {
    const responses = Object.entries(json.responses as Record<string, { content?: Record<string, Json> }>);
    const places = [
      ["body", json.requestBody as { content?: Record<string, Json> } | undefined] as const,
      ...responses,
    ];
    for (const [place, holder] of places) {
      for (const { schema, example, examples } of Object.values(holder?.content ?? {})) {
        const all = [example, ...Object.values((examples ?? {}) as Record<string, Json>).map(({ value }) => value)];
        for (const one of all.filter((value) => value !== undefined)) {
          assertValid(schema, one, `${method} ${path} ${place}`);
          count += 1;
        }
      }
    }
  }
  assert.ok(count > 150, `only ${count} examples`);
});

it("has described parameters and headers, whose examples fit", () => {
  let count = 0;
  for (const { method, path, json } of operations) {
    const responses = Object.entries(json.responses as Record<string, { headers?: Record<string, Json> }>);
    const headers = responses.flatMap(([status, answer]) =>
      Object.entries(answer.headers ?? {}).map(([name, header]) => [`${status} ${name}`, header] as const),
    );
    const parameters = ((json.parameters ?? []) as readonly Json[]).map((one) => [String(one.name), one] as const);
    for (const [name, { description, schema, example }] of [...headers, ...parameters]) {
      const where = `${method} ${path} ${name}`;
      assert.ok(typeof description === "string" && description.length > 3, `${where} is not described`);
      const { examples = [] } = schema as { examples?: readonly unknown[] };
      for (const one of [...examples, ...(example === undefined ? [] : [example])]) {
        assertValid(schema, one, where);
        count += 1;
      }
    }
  }
  assert.ok(count > 150, `only ${count} examples`);
});

it("describes its tags, and names its operations as clients would", () => {
  const tags = document.tags as readonly Json[];
  for (const { name, description } of tags) {
    assert.ok(typeof description === "string", `describe the tag ${name} in src/http/openapi/tags.ts`);
  }
  for (const { method, path, json } of operations) {
    assert.match(String(json.operationId), /^[a-z][A-Za-z0-9]{4,}$/, `${method} ${path}`);
    assert.ok(
      (json.tags as string[]).every((tag) => tags.some(({ name }) => name === tag)),
      `${method} ${path}`,
    );
  }
});

it("demands no parameter that has a default", () => {
  for (const { method, path, json } of operations) {
    for (const { name, schema, required } of (json.parameters ?? []) as readonly Json[]) {
      if ((schema as Json).default !== undefined) assert.is(required, false, `${method} ${path} ${name}`);
    }
  }
});

it("has request examples that the service takes", async () => {
  await call("POST", "/incidents", { body: { title: "x" } });
  for (const { method, path, json } of operations.filter(({ hasBody }) => hasBody)) {
    const url = path.replace("{id}", path.startsWith("/handlers") ? "Alice" : "1").replace("{name}", "default");
    const { content } = json.requestBody as { content: Record<string, { example: unknown }> };
    for (const [type, { example }] of Object.entries(content)) {
      const answer = await call(method, url, { body: example, headers: { "content-type": type } });
      assert.ok(![400, 415, 500].includes(answer.status), `${method} ${path}: ${answer.text}`);
      assert.is.not(answer.json.type, "/problems/validation-failed", `${method} ${path}: ${answer.text}`);
    }
  }
});

it("describes what really comes", async () => {
  const other = await openNode();
  const ask = callerOf(other.app);
  for (const title of ["a", "b", "c", "d"]) await ask("POST", "/incidents", { body: { title, labels: { a: "b" } } });
  const urls = [
    "/incidents",
    "/incidents/1",
    "/incidents/1/timeline",
    "/incidents/1/why",
    "/incidents/4/why",
    "/queue",
    "/statistics",
    "/handlers",
    "/handlers/Alice",
    "/teams",
    "/events",
  ];
  for (const url of [...urls, "/teams/default", "/ledger/head", "/health", "/livez", "/problems", "/"]) {
    const path = url
      .replace(/[/]incidents[/]\d/, "/incidents/{id}")
      .replace("Alice", "{id}")
      .replace("teams/default", "teams/{name}");
    const operation = operations.find((one) => one.path === path && one.method === "GET");
    const responses = operation?.json.responses as Record<string, { content: Record<string, Json> }> | undefined;
    const answer = await ask("GET", url);
    assertValid(responses?.["200"]?.content["application/json"]?.schema, answer.json, url);
  }
  await other.close();
});
