import { isDeepStrictEqual } from "node:util";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, codeOf } from "./support/client.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("the pages of the documentation");

let node: TestNode;
let call: Call;

it.before(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after(() => node.close());

const open = { headers: { authorization: null, accept: "text/html" } };
const scripts = ["/docs/static/swagger-ui-bundle.js", "/redoc/redoc.standalone.js", "/redoc/start.js"];

it("need no key, with or without a trailing slash", async () => {
  for (const path of ["/docs", "/docs/", "/docs?x=1", "/redoc", "/redoc/", "/redoc?x=1"]) {
    const answer = await call("GET", path, open);
    assert.equal([answer.status, answer.headers["content-type"]], [200, "text/html; charset=utf-8"], path);
  }
});

it("have a policy that lets them ask nobody else", async () => {
  for (const path of ["/docs", "/redoc", ...scripts]) {
    const { headers } = await call("GET", path, open);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, "default-src 'none'");
    assert.not.match(policy, /https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'/);
    assert.is(headers["x-content-type-options"], "nosniff", path);
  }
});

it("name no other host in what they load", async () => {
  for (const path of ["/docs", "/redoc", "/docs/static/swagger-ui.css", "/redoc/start.js"]) {
    assert.not.match(
      (await call("GET", path, open)).text,
      /(?:src|href)="(?:https?:)?\/\/|url\((?:https?:)?\/\//,
      path,
    );
  }
  const redoc = (await call("GET", "/redoc/redoc.standalone.js", open)).text;
  assert.not.match(redoc, /cdn\.redoc\.ly|otel\.cloud/);
  for (const path of scripts) assert.not.match((await call("GET", path, open)).text, "sourceMappingURL=", path);
});

it("answer HEAD, and the same file again with 304", async () => {
  for (const path of ["/docs/static/swagger-ui.css", "/redoc", ...scripts]) {
    const head = await call("HEAD", path, open);
    assert.equal([head.status, head.text], [200, ""], path);
    const etag = String(head.headers.etag);
    const again = await call("GET", path, { headers: { ...open.headers, "if-none-match": etag } });
    assert.equal([again.status, again.text], [304, ""], path);
  }
});

it("send files whole, whatever part is asked for", async () => {
  for (const range of ["bytes=0-9", "bytes=99999999-", "x"]) {
    const answer = await call("GET", "/docs/static/swagger-ui.css", { headers: { range, "if-match": '"x"' } });
    assert.is(answer.status, 200);
    assert.ok(answer.text.length > 10_000);
  }
});

it("have problems like everything else for what is not there", async () => {
  const missing = ["/docs/static", "/docs/static/", "/docs/static/nope.js", "/docs/nope", "/redoc/nope"];
  const escaping = ["/docs/static/%2e%2e/package.json", "/docs/static/..%2fpackage.json", "/docs/static//index.css"];
  for (const path of [...missing, ...escaping]) {
    const answer = await call("GET", path, open);
    assert.equal([answer.status, codeOf(answer)], [404, "route-not-found"], path);
    assert.is(answer.headers["content-type"], "application/problem+json", path);
  }
  for (const path of ["/docs", "/docs/static/index.css", "/redoc", "/redoc/start.js"]) {
    const answer = await call("POST", path, open);
    assert.equal([answer.status, answer.headers.allow], [405, "GET, HEAD"], path);
  }
  assert.is((await call("GET", "/docs/static/%zz", open)).status, 400);
});

it("stay out of the document, and show the same one in every form", async () => {
  const { json } = await call("GET", "/openapi.json");
  assert.equal(
    Object.keys(json.paths as object).filter((path) => /docs|redoc/.test(path)),
    [],
  );
  assert.ok(isDeepStrictEqual((await call("GET", "/docs/json")).json, json));
  assert.ok(isDeepStrictEqual(parse((await call("GET", "/docs/yaml")).text, { maxAliasCount: -1 }), json));
});

it("are where the first page leads, and carry their licences", async () => {
  const page = (await call("GET", "/", open)).text;
  for (const path of ["/docs", "/redoc", "/openapi.json"]) assert.match(page, `href="${path}"`);
  assert.match(
    (await call("GET", "/redoc/licences.txt", open)).text,
    /Permission is hereby granted[\s\S]*Third-party software/,
  );
});
