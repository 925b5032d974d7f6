import * as assert from "uvu/assert";
import { keyOf } from "../../../src/access/api-key.ts";
import { limits } from "../../../src/config.ts";
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

const remoteAddress = "192.0.2.1";
const admin = { authorization: `Bearer ${adminKey}` };

/** A key that was made just now, from another address, and has not been used. */
async function freshKey(node: TestNode, made: { role: string; dialect?: string }): Promise<string> {
  const payload = { name: "new", ...made };
  const from = "198.51.100.20";
  const { body } = await node.app.inject({
    method: "POST",
    url: "/keys",
    headers: admin,
    payload,
    remoteAddress: from,
  });
  return JSON.parse(body).key;
}

const signIn = (node: TestNode, payload: { email: string; password: string }) =>
  node.app.inject({ method: "POST", url: "/auth/login", payload, remoteAddress });

/** Somebody who has signed in: an access token that was not used yet, and how they get the next one. */
async function signedIn(node: TestNode): Promise<{ token: string; refresh: () => Promise<string> }> {
  const person = { email: "ana@example.com", password: "seven herons on a roof" };
  const payload = { ...person, role: "viewer" };
  const from = "198.51.100.20";
  await node.app.inject({ method: "POST", url: "/users", headers: admin, payload, remoteAddress: from });
  const { access_token, refresh_token } = JSON.parse((await signIn(node, person)).body);
  const refresh = async () => {
    const sent = { refresh_token };
    const { body } = await node.app.inject({ method: "POST", url: "/auth/refresh", payload: sent, remoteAddress });
    return JSON.parse(body).access_token;
  };
  return { token: access_token, refresh };
}

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

it("know a credential again however many spaces it comes with, so that what they remember has a bound", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    const url = "/queue";
    const spelled = (authorization: string) => node.app.inject({ url, headers: { authorization }, remoteAddress });
    assert.is((await spelled(`Bearer ${" ".repeat(5000)}${adminKey}`)).statusCode, 200);
    await statuses(5, () => asked(node, url, "wrong"));
    assert.is((await spelled(`bearer ${adminKey}   `)).statusCode, 200);
    assert.is((await spelled(`Bearer ${otherKey}`)).statusCode, 429);
  }));

it("let in keys and access tokens that nobody has seen yet, though somebody guesses at the same address", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    const { token, refresh } = await signedIn(node);
    const key = await freshKey(node, { role: "viewer" });
    await statuses(50, () => asked(node, "/queue", "wrong"));
    assert.is((await asked(node, "/queue", "wrong")).status, 429);
    assert.equal(await statuses(3, () => asked(node, "/queue", key)), [200, 200, 200]);
    assert.equal(await statuses(3, () => asked(node, "/queue", token)), [200, 200, 200]);
    const next = await refresh();
    assert.is.not(next, token);
    assert.is((await asked(node, "/auth/me", next)).status, 200);
  }));

it("answer what only has the form of a key or a token as they answer any other guess", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    const { token } = await signedIn(node);
    const guesses = [keyOf(new Uint8Array(32).fill(5)), `${token.slice(0, -6)}AAAAAA`, `il_admin_${"A".repeat(43)}`];
    for (const [index, guess] of guesses.entries()) {
      assert.is((await asked(node, "/queue", guess, `203.0.113.${index}`)).status, 401);
    }
    await statuses(2, () => asked(node, "/queue", "wrong"));
    for (const guess of guesses) {
      const over = await asked(node, "/queue", guess);
      assert.equal([over.status, over.retry, over.limit], [429, "30", '"unauthenticated";r=0;t=60']);
    }
    // A key that was good and is not any longer is a guess like any other.
    const gone = await freshKey(node, { role: "viewer" });
    const keys = await node.vault.keys.list();
    assert.is((await asked(node, "/queue", gone)).status, 200);
    await node.app.inject({
      method: "DELETE",
      url: `/keys/${keys[0]?.key_id}`,
      headers: admin,
      remoteAddress: "198.51.100.20",
    });
    assert.is((await asked(node, "/queue", gone)).status, 429);
  }));

it("do not count sign-ins that fail, which have limits of their own", () =>
  withNode({ rate_limit_unauthenticated: 2 }, async (node) => {
    for (let count = 0; count < 4; count += 1) {
      const answer = await signIn(node, { email: "nobody@example.com", password: "seven herons on a roof" });
      assert.equal([answer.statusCode, String(answer.headers.ratelimit).includes("unauthenticated")], [401, false]);
      const payload = { refresh_token: `irt_${"A".repeat(43)}` };
      const refreshed = await node.app.inject({ method: "POST", url: "/auth/refresh", payload, remoteAddress });
      assert.is(refreshed.statusCode < 429, true);
    }
    assert.is((await asked(node, "/queue", "wrong")).limit, '"unauthenticated";r=1;t=30');
  }));

it("let a dialect's new key in, too, though somebody guesses at the same address", async () => {
  const config = { rate_limit_unauthenticated: 2 };
  const service = await openDialects({ config, limits_runtime, dialects_open: false });
  try {
    const key = await freshKey(service.node, { role: "viewer", dialect: "ucar" });
    const guess = `/${keyOf(new Uint8Array(32).fill(5))}/incidents/`;
    assert.equal(await statuses(4, () => service.ask("ucar", "GET", guess)), [401, 401, 429, 429]);
    assert.is((await service.ask("ucar", "GET", "/incidents/")).status, 429);
    assert.is((await service.ask("ucar", "GET", `/${key}/incidents/`)).status, 200);
  } finally {
    await service.close();
  }
});

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

it("are told to the access log, one row for each caller, however often they ask and whatever for", async () => {
  const config = { rate_limit: 2, rate_limit_unauthenticated: 2 };
  const service = await openDialects({ config, limits_runtime, dialects_open: false });
  const { node } = service;
  try {
    await statuses(52, () => asked(node, "/queue", otherKey, "198.51.100.9"));
    for (const url of ["/queue", "/users", "/incidents/7", "/teams"]) {
      await statuses(10, () => asked(node, url, "wrong"));
    }
    await statuses(25, () => asked(node, "/metrics", null, "198.51.100.10"));
    for (let count = 0; count < 7; count += 1) await service.ask("ucar", "GET", `/${ucarKey}/incidents/`);
    const rows = await node.services.access_log.page({ kinds: ["rate-limited"] }, null);
    const shown = rows.map(({ actor, address, count, route, status }) => [actor, address, count, route, status].join());
    assert.equal(shown.sort(), [
      ",192.0.2.1,38,,429",
      ",198.51.100.10,5,,429",
      "key:7,198.51.100.9,50,,429",
      "key:8,127.0.0.1,5,,429",
    ]);
  } finally {
    await service.close();
  }
});

it("make no row for each stranger of a flood", () =>
  withNode({ rate_limit_unauthenticated: 1 }, async (node) => {
    for (let count = 0; count < 300; count += 1) {
      await statuses(2, () => asked(node, "/queue", "wrong", `10.0.${count >> 8}.${count & 255}`));
    }
    const all = await node.services.access_log.page({}, null, 1000);
    assert.ok(all.length <= limits.access_log_stranger_rows + 1, `${all.length} rows`);
    assert.is(
      all.reduce((sum, { count }) => sum + count, 0),
      600,
    );
  }));

it("tell of who shows no credential by address alone, where none is needed", async () => {
  const config = { rate_limit: 2 };
  const service = await openDialects({ config, limits_runtime });
  try {
    for (let count = 0; count < 5; count += 1) await service.ask("ucar", "GET", "/incidents/");
    const [row] = await service.node.services.access_log.page({ kinds: ["rate-limited"] }, null);
    assert.equal([row?.actor, row?.count], [null, 3]);
  } finally {
    await service.close();
  }
});
