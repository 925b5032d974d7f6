import * as assert from "uvu/assert";
import { FakeRuntime } from "../../support/fake-runtime.ts";
import { suite } from "../../support/suite.ts";
import { openDialects } from "../support/dialect-client.ts";
import { adminKey, openNode, otherKey, type TestNode, type TestNodeOptions, ucarKey } from "../support/node.ts";

const it = suite("limits on how often somebody asks");

const limits_runtime = new FakeRuntime();

async function withNode(config: TestNodeOptions["config"], work: (node: TestNode) => Promise<void>): Promise<void> {
  const node = await openNode({ config: config ?? {}, limits_runtime });
  try {
    await work(node);
  } finally {
    await node.close();
  }
}

/** One request; gives its status and what it says of limits. */
async function asked(node: TestNode, url: string, key: string | null, remoteAddress = "192.0.2.1") {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const { statusCode, headers: said, body } = await node.app.inject({ url, headers, remoteAddress });
  return {
    status: statusCode,
    limit: said.ratelimit,
    policy: said["ratelimit-policy"],
    retry: said["retry-after"],
    body,
  };
}

const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
  const seen: number[] = [];
  for (let count = 0; count < times; count += 1) seen.push((await ask()).status);
  return seen;
};

it("say nothing where there are none", () =>
  withNode({}, async (node) => {
    const { status, limit, policy } = await asked(node, "/queue", adminKey);
    assert.equal([status, limit, policy], [200, undefined, undefined]);
    assert.equal(new Set(await statuses(200, () => asked(node, "/queue", "wrong"))), new Set([401]));
  }));

it("count each credential by itself, and say what is left", () =>
  withNode({ rate_limit: 3 }, async (node) => {
    const first = await asked(node, "/queue", adminKey);
    assert.equal([first.policy, first.limit], ['"credential";q=3;w=60', '"credential";r=2;t=20']);
    assert.equal(await statuses(3, () => asked(node, "/queue", adminKey, "198.51.100.9")), [200, 200, 429]);
    const over = await asked(node, "/queue", adminKey);
    assert.equal([over.retry, over.limit], ["20", '"credential";r=0;t=60']);
    const { type, status, detail } = JSON.parse(over.body);
    assert.equal([type, status], ["/problems/rate-limited", 429]);
    assert.match(detail, /from this credential\. Try again in 20 seconds\.$/);
    assert.is((await asked(node, "/queue", otherKey)).status, 200);
    limits_runtime.sleepThrough(20_000);
    assert.equal(await statuses(2, () => asked(node, "/queue", adminKey)), [200, 429]);
  }));

it("tell what is left on refusals, too, and count them", () =>
  withNode({ rate_limit: 3 }, async (node) => {
    const missing = await asked(node, "/incidents/99", adminKey);
    assert.equal([missing.status, missing.limit], [404, '"credential";r=2;t=20']);
  }));

it("leave what is public alone, but for what costs something", () =>
  withNode({ rate_limit: 2, rate_limit_unauthenticated: 2 }, async (node) => {
    for (const url of ["/livez", "/readyz", "/health", "/", "/problems"]) {
      assert.equal(new Set(await statuses(30, () => asked(node, url, null))), new Set([200]), url);
      assert.is((await asked(node, url, null)).limit, undefined);
    }
    assert.equal(await statuses(21, () => asked(node, "/metrics", null)), [...Array(20).fill(200), 429]);
    assert.is((await asked(node, "/openapi.json", null)).status, 429);
    const other = await asked(node, "/openapi.json", null, "198.51.100.9");
    assert.equal([other.status, other.policy], [200, '"public-pages";q=20;w=60']);
  }));

it("turn away an address that has sent too many wrong credentials, without a look at the next", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    const first = await asked(node, "/queue", "wrong");
    assert.equal(
      [first.status, first.policy, first.limit],
      [401, '"unauthenticated";q=2;w=60', '"unauthenticated";r=1;t=30'],
    );
    assert.equal(await statuses(3, () => asked(node, "/queue", null)), [401, 429, 429]);
    // Nobody learns that this one would have been right.
    const over = await asked(node, "/queue", otherKey);
    assert.equal([over.status, over.retry], [429, "30"]);
    assert.is((await asked(node, "/queue", otherKey, "198.51.100.9")).status, 200);
    assert.is((await asked(node, "/nowhere", null)).status, 404);
    limits_runtime.sleepThrough(30_000);
    assert.is((await asked(node, "/queue", otherKey)).status, 200);
  }));

it("do not lock out who was known before, though somebody guesses at the same address", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    assert.is((await asked(node, "/queue", adminKey)).status, 200);
    await statuses(50, () => asked(node, "/queue", "wrong"));
    assert.equal(await statuses(5, () => asked(node, "/queue", adminKey)), [200, 200, 200, 200, 200]);
  }));

it("count all of a /64 of IPv6 as one address", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    let host = 0;
    const next = () => {
      host += 1;
      return asked(node, "/queue", null, `2001:db8:0:1::${host.toString(16)}`);
    };
    assert.equal(await statuses(4, next), [401, 401, 429, 429]);
    assert.is((await asked(node, "/queue", null, "2001:db8:0:2::1")).status, 401);
  }));

it("count by address where no credential is needed", () =>
  withNode({ auth: "off", rate_limit: 2 }, async (node) => {
    assert.equal(await statuses(3, () => asked(node, "/queue", null)), [200, 200, 429]);
    assert.is((await asked(node, "/queue", "x".repeat(40))).status, 429);
    assert.is((await asked(node, "/queue", null, "198.51.100.9")).status, 200);
  }));

it("hold for dialects in their own words, with the same keys and addresses", async () => {
  const config = { rate_limit: 1, rate_limit_unauthenticated: 3 };
  const service = await openDialects({ config, limits_runtime, dialects_open: false });
  try {
    const path = `/${ucarKey}/incidents/`;
    assert.is((await service.ask("ucar", "GET", path)).status, 200);
    const over = await service.ask("ucar", "GET", path);
    assert.equal([over.status, over.headers["retry-after"]], [429, "60"]);
    assert.equal(over.body, { detail: "Too many requests came from this credential. Try again in 60 seconds." });
    const wrong = "/il_no-key-of-anybody-at-all/nowhere";
    assert.is((await service.ask("ucar", "GET", wrong)).status, 401);
    assert.is((await service.ask("klimbb", "GET", "/incidents/")).status, 401);
    assert.is((await service.ask("tracker", "GET", "/incidents")).status, 401);
    const tracker = await service.ask("tracker", "GET", "/incidents");
    const klimbb = await service.ask("klimbb", "GET", "/incidents/");
    assert.equal([tracker.status, klimbb.status, (await service.ask("ucar", "GET", wrong)).status], [429, 429, 429]);
    assert.is((tracker.body as { error: string }).error, "Too Many Requests");
    assert.equal(klimbb.body, { detail: "Request was throttled. Expected available in 20 seconds." });
    // The wrong keys of dialects count for the service's own interface, too: it is one address.
    const own = await service.node.app.inject({ url: "/queue", remoteAddress: "127.0.0.1" });
    assert.is(own.statusCode, 429);
  } finally {
    await service.close();
  }
});
