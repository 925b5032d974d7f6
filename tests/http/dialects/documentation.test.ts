import type { Browser } from "playwright-core";
import * as assert from "uvu/assert";
import { type DialectName, dialectNames } from "../../../src/config.ts";
import { browserPath, noBrowser, openBrowser, openPage } from "../../support/browser.ts";
import { suite } from "../../support/suite.ts";
import { type DialectNode, openDialects, send } from "../support/dialect-client.ts";
import { ucarKey } from "../support/node.ts";

const it = suite("the documentation of the dialects");

type Row = Readonly<Record<string, unknown>>;

/** The places where ucar can be: on the main port, there with a key in the path, on a port of its own. */
let places: readonly (readonly [base: string, address: string])[];
let service: DialectNode;
let browser: Browser | undefined;

it.before(async () => {
  service = await openDialects();
  const own_port = await service.node.served.find(({ name }) => name === "ucar")?.app.listen({ port: 0 });
  places = [
    ["/compat/ucar", `${service.address}/compat/ucar`],
    [`/compat/ucar/${ucarKey}`, `${service.address}/compat/ucar/${ucarKey}`],
    ["", String(own_port)],
    [`/${ucarKey}`, `${own_port}/${ucarKey}`],
  ];
  if (browserPath !== undefined) browser = await openBrowser();
});
it.after(async () => {
  await browser?.close();
  await service.close();
});

it("is at /docs of each, and what its page loads is there", async () => {
  for (const dialect of dialectNames) {
    for (const path of ["/docs", "/docs/"]) {
      const page = await service.ask(dialect, "GET", path);
      assert.equal([page.status, page.headers["content-type"]], [200, "text/html; charset=utf-8"]);
      const links = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => String(link));
      assert.ok(links.length >= 6);
      for (const link of links) {
        const { status } = await send(new URL(link, `${service.address}/compat/${dialect}${path}`).href, "GET");
        assert.is(status, 200, link);
      }
    }
  }
});

it("tells in every form the same of the dialect, and nothing of anything else", async () => {
  const paths: Record<DialectName, string[]> = {
    klimbb: ["/incidents/", "/incidents/{incident_id}/"],
    tracker: ["/incidents", "/incidents/{id}"],
    ucar: ["/", "/health", "/incidents/", "/incidents/{incident_id}"],
  };
  for (const dialect of dialectNames) {
    const { body } = await service.ask(dialect, "GET", "/openapi.json");
    assert.equal(Object.keys((body as Row).paths as Row).sort(), paths[dialect]);
    const shown = (await service.ask(dialect, "GET", "/docs/json")).body as Row;
    // Each names the server from where it is itself.
    assert.equal([(body as Row).servers, shown.servers], [[{ url: "." }], [{ url: ".." }]]);
    assert.equal({ ...shown, servers: null }, { ...(body as Row), servers: null });
  }
});

it("has a page made by Redoc for ucar alone", async () => {
  for (const [base, address] of places) {
    const page = await send(`${address}/redoc`, "GET");
    assert.is(page.status, 200);
    const script = /src="([^"]+start\.js)"/.exec(String(page.body))?.[1] ?? "";
    assert.is(new URL(script, `${address}/redoc`).pathname, `${base}/redoc/start.js`);
    for (const path of ["/redoc/start.js", "/redoc/redoc.standalone.js"]) {
      assert.is((await send(`${address}${path}`, "GET")).status, 200);
    }
  }
  for (const dialect of ["klimbb", "tracker"] as const) {
    assert.is((await service.ask(dialect, "GET", "/redoc")).status, 404);
  }
});

it("leads to the dialect as it was reached, wherever it is", async () => {
  for (const [base, address] of places) {
    for (const path of ["/openapi.json", "/openapi.json/", "/docs/json", "/docs/json?x=/a/b"]) {
      const { body } = await send(`${address}${path}`, "GET");
      const [{ url }] = (body as { servers: [{ url: string }] }).servers;
      assert.is(new URL(url, `${address}${path}`).pathname, `${base}/`, path);
    }
    for (const path of ["/docs", "/docs/", "/docs?x"]) {
      const page = String((await send(`${address}${path}`, "GET")).body);
      const script = /src="([^"]+bundle\.js)"/.exec(page)?.[1] ?? "";
      assert.is(new URL(script, `${address}${path}`).pathname, `${base}/docs/static/swagger-ui-bundle.js`, path);
    }
    const moved = await send(`${address}/docs/static/index.html`, "GET");
    const to = new URL(String(moved.headers.location), `${address}/docs/static/index.html`);
    assert.equal([moved.status, to.pathname], [302, `${base}/docs/`]);
  }
});

it("repeats no key that stands in the path, in no answer", async () => {
  const paths = ["/", "/health", "/incidents/", "/incidents/1", "/openapi.json", "/docs", "/docs/", "/docs/json"];
  const more = ["/docs/static/index.html", "/docs/static/swagger-initializer.js", "/docs/yaml", "/redoc", "/nowhere"];
  for (const [, address] of places) {
    if (!address.endsWith(ucarKey)) continue;
    for (const path of [...paths, ...more, "/incidents/%zz", "/incidents?x=1"]) {
      for (const method of ["GET", "POST", "PATCH", "HEAD"]) {
        const { body, headers } = await send(`${address}${path}`, method, method === "POST" ? { raw: "{" } : {});
        assert.not.match(JSON.stringify([headers, body]), ucarKey, `${method} ${path}`);
      }
    }
  }
});

it("needs a key where the dialect does", async () => {
  const closed = await openDialects({ dialects_open: false });
  try {
    assert.is((await closed.ask("ucar", "GET", "/docs")).status, 401);
    assert.is((await closed.ask("ucar", "GET", `/${ucarKey}/docs`)).status, 200);
  } finally {
    await closed.close();
  }
});

it("answers in the dialect's own way what is not there", async () => {
  const missing = await service.ask("ucar", "GET", "/docs/static/nope.js");
  assert.equal([missing.status, missing.body], [404, { detail: "Not Found" }]);
  const posted = await service.ask("tracker", "POST", "/docs");
  assert.equal([posted.status, posted.body], [405, { error: "Method not allowed" }]);
});

const sentence = "shows in a browser what there is, and asks no other host for anything";
if (browserPath === undefined) it.skip(sentence, noBrowser);
else it(sentence, showInBrowser, { timeout_ms: 90_000 });

async function showInBrowser(): Promise<void> {
  if (browser === undefined) throw new Error(noBrowser);
  for (const [, address] of places.slice(1, 3)) {
    for (const [path, shown] of [
      ["/docs", ".opblock"],
      ["/redoc", "[data-section-id]"],
    ] as const) {
      const { page, log } = await openPage(browser);
      await page.goto(`${address}${path}`);
      await page.locator(shown).nth(3).waitFor();
      const { origin } = new URL(address);
      const elsewhere = log.requests.filter((url) => !url.startsWith(origin) && !/^(?:data|blob):/.test(url));
      assert.equal([elsewhere, log.errors], [[], []]);
      await page.close();
    }
  }
}
