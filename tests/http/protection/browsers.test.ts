import * as assert from "uvu/assert";
import { suite } from "../../support/suite.ts";
import { openDialects, send } from "../support/dialect-client.ts";
import { adminKey, openNode, type TestNode, type TestNodeOptions, ucarKey } from "../support/node.ts";

const it = suite("what browsers are told, and what they may");

async function withNode(options: TestNodeOptions, work: (node: TestNode) => Promise<void>): Promise<void> {
  const node = await openNode(options);
  try {
    await work(node);
  } finally {
    await node.close();
  }
}

const authorization = `Bearer ${adminKey}`;
const strict = "default-src 'none';frame-ancestors 'none'";
const console_origin = "https://console.example.com";
const open = { config: { cors_origins: [console_origin] }, isWatched: false };

it("are told with every answer to load nothing, guess nothing, keep nothing and tell nobody", () =>
  withNode({ dialects: ["ucar"] }, async ({ app }) => {
    const urls = [
      "/queue",
      "/incidents/99",
      "/nowhere",
      "/livez",
      "/metrics",
      "/openapi.json",
      "/problems",
      "/incidents/%zz",
    ];
    for (const url of [...urls, "/compat/ucar/incidents/", "/compat/ucar/nowhere", "/compat/nope/x"]) {
      const { headers } = await app.inject({ url, headers: { authorization } });
      assert.equal(
        [headers["content-security-policy"], headers["x-content-type-options"], headers["referrer-policy"]],
        [strict, "nosniff", "no-referrer"],
        url,
      );
      assert.equal(
        [headers["cross-origin-resource-policy"], headers["cache-control"]],
        ["same-origin", "no-store"],
        url,
      );
      assert.is(headers["strict-transport-security"], undefined, url);
      assert.is(headers["x-powered-by"] ?? headers.server, undefined, url);
    }
    const refused = await app.inject({ method: "POST", url: "/incidents", payload: "{" });
    assert.equal([refused.statusCode, refused.headers["content-security-policy"]], [401, strict]);
  }));

it("are told of pages what they may show, and to let them stand in nobody's frame", () =>
  withNode({}, async ({ app }) => {
    for (const url of ["/", "/problems", "/problems/not-higher", "/docs", "/redoc"]) {
      const { headers } = await app.inject({ url, headers: { accept: "text/html" } });
      assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
      assert.not.match(String(headers["content-security-policy"]), /script-src[^;]*unsafe/);
      assert.equal([headers["x-frame-options"], headers["cross-origin-opener-policy"]], ["DENY", "same-origin"], url);
      const others = ["origin-agent-cluster", "x-dns-prefetch-control", "x-download-options"];
      assert.equal(
        [...others, "x-permitted-cross-domain-policies", "x-xss-protection"].map((name) => headers[name]),
        ["?1", "off", "noopen", "none", "0"],
      );
    }
  }));

it("leave a route its own word on keeping what it sends", () =>
  withNode({}, async ({ app }) => {
    assert.is((await app.inject("/redoc")).headers["cache-control"], "no-cache");
  }));

it("are told to stay with https exactly where PUBLIC_URL says it", async () => {
  const transport = async (public_url: string | null) => {
    let said: unknown;
    await withNode({ config: { public_url } }, async ({ app }) => {
      const bad = await app.inject("/incidents/%zz");
      said = (await app.inject("/livez")).headers["strict-transport-security"];
      assert.is(bad.headers["strict-transport-security"], said);
    });
    return said;
  };
  assert.is(await transport("https://incidents.example.com"), "max-age=31536000");
  assert.is(await transport("http://incidents.example.com"), undefined);
});

it("may not ask from another site, unless its origin is named", () =>
  withNode({}, async ({ app }) => {
    const headers = { origin: console_origin, authorization };
    const answer = await app.inject({ url: "/queue", headers });
    assert.equal([answer.statusCode, answer.headers["access-control-allow-origin"]], [200, undefined]);
    const preflight = await app.inject({
      method: "OPTIONS",
      url: "/queue",
      headers: { origin: console_origin, "access-control-request-method": "GET" },
    });
    assert.equal([preflight.statusCode, preflight.headers["access-control-allow-origin"]], [405, undefined]);
  }));

it("may ask from an origin that is named, first without a credential whether they may", () =>
  withNode(open, async ({ app }) => {
    const preflight = await app.inject({
      method: "OPTIONS",
      url: "/incidents",
      headers: { origin: console_origin, "access-control-request-method": "POST" },
    });
    assert.equal([preflight.statusCode, preflight.body], [204, ""]);
    assert.is(preflight.headers["access-control-allow-origin"], console_origin);
    assert.match(String(preflight.headers["access-control-allow-methods"]), /\bPATCH\b/);
    for (const name of ["Authorization", "Content-Type", "Idempotency-Key", "If-Match"]) {
      assert.match(String(preflight.headers["access-control-allow-headers"]), name);
    }
    assert.match(String(preflight.headers.vary), "Origin");
    const headers = { origin: console_origin, authorization };
    for (const url of ["/queue", "/nowhere", "/incidents/99", "/problems"]) {
      const answer = await app.inject({ url, headers });
      assert.is(answer.headers["access-control-allow-origin"], console_origin, url);
      const exposed = String(answer.headers["access-control-expose-headers"]);
      for (const name of [
        "ETag",
        "Ledger-Position",
        "Link",
        "Location",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "X-Request-Id",
      ]) {
        assert.ok(exposed.split(", ").includes(name), name);
      }
      assert.is(answer.headers["access-control-allow-credentials"], undefined);
    }
    assert.is((await app.inject({ url: "/problems", headers })).headers.vary, "accept, Origin");
  }));

it("may not ask from an origin that only resembles a named one", () =>
  withNode(open, async ({ app }) => {
    for (const origin of [
      "http://console.example.com",
      "https://console.example.com:8443",
      "https://console.example.com.evil.example",
      "https://evil-console.example.com",
      "https://CONSOLE.example.com",
      "null",
      "",
    ]) {
      const answer = await app.inject({ url: "/queue", headers: { origin, authorization } });
      assert.is(answer.headers["access-control-allow-origin"], undefined, origin);
      assert.match(String(answer.headers.vary), "Origin");
      const headers = { origin, "access-control-request-method": "POST" };
      const preflight = await app.inject({ method: "OPTIONS", url: "/incidents", headers });
      assert.is(preflight.statusCode, 405, origin);
    }
  }));

it("may not write from another site's page where no credential is needed", async () => {
  const config = { auth: "off", cors_origins: [console_origin], public_url: "https://incidents.example.com" } as const;
  const node = await openNode({ config, isWatched: false });
  const address = await node.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = new URL(address);
  const write = async (headers: Record<string, string>) => {
    const raw = JSON.stringify({ title: "x" });
    return send(`${address}/incidents`, "POST", { raw, headers });
  };
  for (const origin of [
    undefined,
    address,
    `http://localhost:${port}`,
    `http://[::1]:${port}`,
    console_origin,
    "https://incidents.example.com",
  ]) {
    assert.is((await write(origin === undefined ? {} : { origin })).status, 201, origin);
  }
  for (const origin of [
    "https://evil.example",
    "null",
    "",
    "nonsense",
    `http://127.0.0.1:${Number(port) + 1}`,
    `http://localhost.evil.example:${port}`,
    `https://localhost:${Number(port) + 1}`,
  ]) {
    const answer = await write({ origin });
    assert.equal([answer.status, (answer.body as { type: string }).type], [403, "/problems/foreign-origin"], origin);
  }
  // A foreign name that was made to lead here, and a credential that nobody looks at, prove nothing.
  const rebound = await write({ origin: `http://evil.example:${port}`, host: `evil.example:${port}` });
  assert.is(rebound.status, 403);
  assert.is((await write({ origin: "https://evil.example", authorization: "Bearer x" })).status, 403);
  const read = await send(`${address}/queue`, "GET", { headers: { origin: "https://evil.example" } });
  assert.is(read.status, 200);
  await node.close();
});

it("may not even read under a name that is not the service's where no credential is needed", async () => {
  const config = { auth: "off", public_url: "https://incidents.example.com" } as const;
  await withNode({ config }, async ({ app }) => {
    const asked = (host: string, url = "/queue") => app.inject({ url, headers: { host } });
    for (const host of [
      "localhost",
      "LOCALHOST:8000",
      "127.0.0.1:8000",
      "127.9.9.9",
      "[::1]:8000",
      "incidents.example.com",
      "incidents.example.com:8443",
    ]) {
      assert.is((await asked(host)).statusCode, 200, host);
    }
    for (const host of [
      "evil.example",
      "evil.example:8000",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "192.0.2.1",
      "[2001:db8::1]",
      "not a name",
    ]) {
      const read = ["/queue", "/users", "/events/stream", "/auth/sessions"];
      const open_to_all = [
        "/metrics",
        "/openapi.json",
        "/docs",
        "/redoc",
        "/",
        "/problems",
        "/auth/link",
        "/nowhere",
        "/compat/nope/x",
      ];
      for (const url of [...read, ...open_to_all]) {
        const answer = await asked(host, url);
        assert.equal([answer.statusCode, JSON.parse(answer.body).type], [403, "/problems/foreign-host"], host);
      }
      // A probe names the service as it likes, and shows nothing.
      for (const url of ["/livez", "/readyz", "/health"]) assert.is((await asked(host, url)).statusCode, 200, url);
    }
  });
});

it("may name the service as they like where a credential is needed", () =>
  withNode({}, async ({ app }) => {
    const headers = { host: "any.example", authorization };
    assert.is((await app.inject({ url: "/queue", headers })).statusCode, 200);
  }));

it("may not read open dialects under a name that is not the service's, on a loopback HOST", async () => {
  const host = { host: "evil.example" };
  const service = await openDialects();
  try {
    for (const path of ["/incidents/", "/openapi.json", "/docs", "/nowhere"]) {
      assert.is((await service.ask("ucar", "GET", path, { headers: host })).status, 403, path);
      assert.is(
        (await service.ask("ucar", "GET", `/${ucarKey}${path}`, { headers: host })).status < 403,
        path !== "/nowhere",
        path,
      );
    }
    const refused = await service.ask("tracker", "GET", "/incidents", { headers: host });
    assert.equal([refused.status, (refused.body as { error: string }).error], [403, "Forbidden"]);
  } finally {
    await service.close();
  }
  const to_everyone = await openDialects({ config: { host: "0.0.0.0" } });
  try {
    assert.is((await to_everyone.ask("ucar", "GET", "/incidents/", { headers: host })).status, 200);
  } finally {
    await to_everyone.close();
  }
});

it("may write from anywhere with a credential, which no browser adds by itself", () =>
  withNode({}, async ({ app }) => {
    const headers = { origin: "https://elsewhere.example", authorization, "content-type": "application/json" };
    const answer = await app.inject({ method: "POST", url: "/incidents", headers, payload: '{"title":"x"}' });
    assert.is(answer.statusCode, 201);
  }));

it("may not write from another site's page through dialects that are open", async () => {
  const service = await openDialects();
  try {
    const sent = (origin: string) => ({ json: { description: "x", source: "operator" }, headers: { origin } });
    const refused = await service.ask("ucar", "POST", "/incidents/", sent("https://evil.example"));
    assert.is(refused.status, 403);
    assert.match((refused.body as { detail: string }).detail, /another site's/);
    for (const [dialect, path] of [
      ["tracker", "/incidents"],
      ["klimbb", "/incidents/"],
    ] as const) {
      assert.is((await service.ask(dialect, "POST", path, sent("https://evil.example"))).status, 403, dialect);
    }
    assert.is((await service.ask("ucar", "POST", "/incidents/", sent(service.address))).status, 201);
  } finally {
    await service.close();
  }
});
