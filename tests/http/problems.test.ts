import * as assert from "uvu/assert";
import { problemKinds } from "../../src/http/problems.ts";
import { refusals } from "../../src/rules/refusal.ts";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, rowsOf } from "./support/client.ts";
import { openNode, type TestNode } from "./support/node.ts";
import { readOpenApi } from "./support/openapi.ts";

const it = suite("problems");

let node: TestNode;
let call: Call;

it.before(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after(() => node.close());

it("include every refusal of the rules, with the status of its class", () => {
  const statusOf = { forbidden: 403, missing: 404, invalid: 422, stale: 412, conflict: 409 };
  for (const [code, kind] of Object.entries(refusals)) {
    assert.is([...problemKinds].find(([known]) => known === code)?.[1].status, statusOf[kind], code);
  }
});

it("are each explained, to programs and to people, without a credential", async () => {
  const headers = { authorization: null };
  const all = rowsOf(await call("GET", "/problems", { headers }), "problems");
  assert.equal(
    all.map(({ code }) => code),
    [...problemKinds.keys()],
  );
  for (const [code, { status, title, explanation }] of problemKinds) {
    const answer = await call("GET", `/problems/${code}`, { headers });
    assert.equal(answer.json, { code, type: `/problems/${code}`, status, title, explanation });
    assert.ok(/[.]$/.test(explanation) && !/[.]$/.test(title), code);
    const page = await call("GET", `/problems/${code}`, { headers: { ...headers, accept: "text/html" } });
    assert.match(String(page.headers["content-type"]), "text/html");
    assert.match(page.text, `<code>${code}</code>`);
  }
  assert.is((await call("GET", "/problems/nope", { headers })).status, 404);
});

it("are documented at the routes that answer with them, and none is left over", async () => {
  const { operations } = await readOpenApi(call);
  const documented = new Set(
    [...JSON.stringify(operations).matchAll(/"type":"\/problems\/([a-z0-9-]+)"/g)].map((match) => match[1]),
  );
  // These come before any route is known, or where there is none.
  const anywhere = ["bad-request", "route-not-found", "method-not-allowed", "request-timeout", "headers-too-large"];
  assert.equal([...problemKinds.keys()].filter((code) => !documented.has(code)).sort(), [...anywhere].sort());
  for (const code of documented)
    assert.ok(
      [...problemKinds.keys()].some((known) => known === code),
      code,
    );
});
