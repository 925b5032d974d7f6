import * as assert from "uvu/assert";
import type { Services } from "../../src/http/services.ts";
import { suite } from "../support/suite.ts";
import { type Answer, type Call, callerOf } from "./support/client.ts";
import { DocumentSchemas } from "./support/document-schemas.ts";
import { type GeneratedRequest, requestsOf } from "./support/generated-requests.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";
import { type Operation, readOpenApi } from "./support/openapi.ts";

/** Another number gives other requests; one that finds something is worth a test of its own. */
const seed = Number(process.env.SEED ?? 3);

const it = suite(`every operation of the OpenAPI document (SEED=${seed})`);

let node: TestNode;
let call: Call;
let document: Json;
let schemas: DocumentSchemas;
let operations: readonly Operation[];

it.before(async () => {
  node = await openNode({ instead: impatient });
  call = callerOf(node.app);
  ({ document, operations } = await readOpenApi(call));
  schemas = new DocumentSchemas(document);
  await call("POST", "/teams", { body: { name: "network" } });
  await call("POST", "/handlers", { body: { handler_id: "Dora" } });
  for (const title of ["a", "b", "c", "d", "e", "f"]) await call("POST", "/incidents", { body: { title } });
});
// Closing holds every single answer against the document: status, headers, media type, problem and body.
it.after(() => node.close());

/** Nothing is waited for longer than an instant. */
function impatient({ runtime }: Services): Partial<Services> {
  return { runtime: { ...runtime, after: (_, callback) => runtime.after(1, callback) } };
}

/** A stream does not end by itself, and has tests of its own. */
function isStream({ json }: Operation): boolean {
  return JSON.stringify(json.responses).includes('"text/event-stream"');
}

function bodySchema({ json }: Operation): Json | undefined {
  const { content } = (json.requestBody ?? {}) as { content?: Record<string, { schema: Json }> };
  return content?.["application/json"]?.schema;
}

it("takes what its schema takes, refuses what its schema refuses, and never fails", async () => {
  for (const [index, operation] of operations.filter((one) => !isStream(one)).entries()) {
    const schema = bodySchema(operation);
    let admitted = 0;
    for (const generated of requestsOf(document, operation, seed * 1000 + index)) {
      const answer = await call(operation.method, generated.url, generated.request);
      const where = `${operation.method} ${generated.url.slice(0, 200)} ${JSON.stringify(generated.request).slice(0, 500)}: ${answer.text.slice(0, 500)}`;
      assert.ok(answer.status < 500 || isWaiting(generated), where);
      if (schema === undefined || !generated.isPlain || generated.request.body === undefined) continue;
      if (schemas.faultOf(schema, generated.request.body) !== null) assert.ok(isRefused(answer), where);
      else if (answer.json.type !== "/problems/validation-failed") admitted += 1;
    }
    if (schema === undefined) continue;
    // Some fields are tied together, which no schema says: not all that fits is taken, but some must be.
    assert.ok(admitted > 0, `${operation.method} ${operation.path} refuses all that its schema takes`);
  }
});

/** What asks for a position that is not there yet is rightly answered with 503. */
function isWaiting({ request }: GeneratedRequest): boolean {
  return request.headers?.["ledger-min-position"] !== undefined;
}

function isRefused({ status }: Answer): boolean {
  return [400, 404, 413, 415, 422].includes(status);
}

it("lets nobody in without a key, but where it is public", async () => {
  for (const { method, path, isPublic } of operations) {
    const url = path.replace(/\{[^}]+\}/g, "1");
    const answer = await call(method, url, { headers: { authorization: null } });
    assert.is(answer.status === 401, !isPublic, `${method} ${url}: ${answer.status}`);
  }
});

it("answers HEAD as GET, without a body", async () => {
  for (const operation of operations.filter(({ method }) => method === "GET").filter((one) => !isStream(one))) {
    const url = operation.path.replace("{id}", operation.path.startsWith("/handlers") ? "Alice" : "1");
    const [head, get] = [await call("HEAD", url), await call("GET", url)];
    assert.equal([head.status, head.text], [get.status, ""], url);
    assert.is(head.headers["content-type"], get.headers["content-type"], url);
  }
});
