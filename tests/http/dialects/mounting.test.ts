import { connect } from "node:net";
import * as assert from "uvu/assert";
import { unavailable } from "../../../src/desk/submission.ts";
import { suite } from "../../support/suite.ts";
import { type DialectNode, openDialects, send } from "../support/dialect-client.ts";
import { adminKey, openNode, otherKey, type TestNodeOptions, ucarKey } from "../support/node.ts";

const it = suite("where dialects are, and who may use them");

async function withDialects(options: TestNodeOptions, work: (service: DialectNode) => Promise<void>): Promise<void> {
  const service = await openDialects(options);
  try {
    await work(service);
  } finally {
    await service.close();
  }
}

const report = { json: { description: "x", source: "operator" } };

it("has none that is not switched on", () =>
  withDialects({ dialects: ["tracker"] }, async ({ ask, address }) => {
    const answer = await ask("ucar", "GET", "/incidents/");
    assert.is(answer.status, 404);
    assert.is((answer.body as { type: string }).type, "/problems/route-not-found");
    assert.is((await send(`${address}/compat/`, "GET")).status, 404);
    assert.is((await ask("tracker", "GET", "/incidents")).status, 200);
  }));

it("wants a key of that very dialect in the path, unless the dialects are open", () =>
  withDialects({ dialects_open: false }, async ({ ask }) => {
    const refused = async (path: string) => {
      const answer = await ask("ucar", "GET", path);
      assert.is(answer.status, 401, path);
      assert.type((answer.body as { detail: string }).detail, "string");
    };
    await refused("/incidents/");
    await refused(`/${otherKey}/incidents/`);
    await refused("/il_no-key-of-anybody-at-all/incidents/");
    assert.is((await ask("tracker", "GET", `/${ucarKey}/incidents`)).status, 401);
    const answer = await ask("ucar", "POST", `/${ucarKey}/incidents/`, report);
    assert.is(answer.status, 201);
    assert.is((await ask("ucar", "GET", `/${ucarKey}/incidents/1`)).status, 200);
  }));

it("acts as the key that was used, and as itself where it is open", () =>
  withDialects({}, async ({ ask, own }) => {
    await ask("ucar", "POST", `/${ucarKey}/incidents/`, report);
    await ask("ucar", "POST", "/incidents/", report);
    const { body } = await own("GET", "/events?type=incident.reported");
    const { events } = body as { events: { actor: string }[] };
    assert.equal(
      events.map(({ actor }) => actor),
      ["key:8", "dialect:ucar"],
    );
  }));

it("refuses a key that is not valid even where it is open", () =>
  withDialects({}, async ({ ask }) => {
    assert.is((await ask("ucar", "GET", `/${otherKey}/incidents/`)).status, 401);
  }));

it("gives a dialect's key no right to the service's own interface", () =>
  withDialects({ dialects_open: false }, async ({ address }) => {
    const headers = { authorization: `Bearer ${ucarKey}` };
    assert.is((await send(`${address}/incidents`, "GET", { headers })).status, 401);
  }));

it("refuses who may write nothing like it before anything is looked up, in the dialect's words", () =>
  withDialects({ dialects_open: false }, async ({ ask, own }) => {
    const keyOf = async (dialect: string, role: string): Promise<string> => {
      const made = await own("POST", "/keys", {
        name: role,
        role,
        dialect,
        ...(role === "integration" ? { teams: ["default"] } : {}),
      });
      return (made.body as { key: string }).key;
    };
    const writes = {
      ucar: [
        ["POST", "/incidents/"],
        ["PATCH", "/incidents/99"],
      ],
      klimbb: [
        ["POST", "/incidents/"],
        ["PUT", "/incidents/99/"],
      ],
      tracker: [
        ["POST", "/incidents"],
        ["PATCH", "/incidents/99"],
        ["DELETE", "/incidents/99"],
      ],
    } as const;
    for (const dialect of ["ucar", "klimbb", "tracker"] as const) {
      const [viewer, integration, manager] = [
        await keyOf(dialect, "viewer"),
        await keyOf(dialect, "integration"),
        await keyOf(dialect, "manager"),
      ];
      for (const [method, path] of writes[dialect]) {
        for (const sent of [{ json: { status: "nonsense" } }, { raw: "{" }]) {
          const answers = await Promise.all(
            [viewer, integration, manager].map((key) => ask(dialect, method, `/${key}${path}`, sent)),
          );
          const what = `${dialect} ${method} ${JSON.stringify(sent)}`;
          const [refused, reporting, working] = answers;
          assert.is(refused?.status, 403, what);
          assert.match(JSON.stringify(refused?.body), /The role viewer does not allow this|You do not have permission/);
          assert.is(reporting?.status === 403, method !== "POST", what);
          // Only an administrator deletes.
          assert.is(working?.status === 403, method === "DELETE", what);
        }
      }
      assert.is((await ask(dialect, "POST", `/${viewer}/nowhere`, { raw: "{" })).status, 404);
    }
  }));

it("leads to a dialect by the same links that led to it", () =>
  withDialects({}, async ({ ask }) => {
    const described = await ask("ucar", "GET", `/${ucarKey}/openapi.json`);
    const [{ url }] = (described.body as { servers: [{ url: string }] }).servers;
    const path = `/compat/ucar/${ucarKey}`;
    assert.is(new URL(url, `http://localhost${path}/openapi.json`).pathname, `${path}/`);
  }));

it("lets nothing of one dialect into another, nor of the service's own interface", () =>
  withDialects({}, async ({ ask, own, address }) => {
    await ask("tracker", "POST", "/incidents", {
      json: { title: "t", description: "d", reported_by: "r", severity: "Low" },
    });
    assert.equal((await ask("ucar", "GET", "/incidents/")).body, { incidents: [], total: 0 });
    assert.equal((await ask("klimbb", "GET", "/incidents/")).body, []);
    assert.is((await ask("ucar", "GET", "/incidents/1")).status, 404);
    for (const path of ["/queue", "/events", "/ledger/head", "/problems"]) {
      assert.equal(
        [(await ask("tracker", "GET", path)).status, (await ask("tracker", "GET", path)).body],
        [404, { error: "Not found" }],
      );
    }
    const { incidents } = (await own("GET", "/incidents")).body as { incidents: { incident_id: string }[] };
    assert.is((await ask("klimbb", "GET", `/incidents/${incidents[0]?.incident_id}/`)).status, 404);
    // What cannot even be read is answered in the dialect's way as well.
    const odd = await send(`${address}/compat/tracker/incidents?status=%ff`, "GET");
    assert.ok(odd.status < 500);
    assert.not.match(JSON.stringify(odd.body), /problems/);
  }));

it("needs no credential of the service's own, and takes none for one", () =>
  withDialects({ dialects_open: false }, async ({ address }) => {
    const headers = { authorization: `Bearer ${adminKey}` };
    assert.is((await send(`${address}/compat/ucar/incidents/`, "GET", { headers })).status, 401);
  }));

it("answers what is too large in the dialect's own way", () =>
  withDialects({}, async ({ ask }) => {
    const raw = JSON.stringify({ description: "x".repeat(2_000_000), source: "operator" });
    const answer = await ask("ucar", "POST", "/incidents/", { raw });
    assert.is(answer.status, 413);
    assert.type((answer.body as { detail: string }).detail, "string");
  }));

it("says 503 and when to come again while the desk cannot write", async () => {
  const service = await openDialects({
    instead: (services) => ({
      desk: new Proxy(services.desk, {
        get: (desk, name) => {
          if (name === "submit") return () => Promise.reject(unavailable("failing"));
          const value: unknown = Reflect.get(desk, name);
          return typeof value === "function" ? value.bind(desk) : value;
        },
      }),
    }),
  });
  try {
    for (const [dialect, path, sent] of [
      ["ucar", "/incidents/", report],
      ["tracker", "/incidents", { json: { title: "t", description: "d", reported_by: "r", severity: "Low" } }],
      [
        "klimbb",
        "/incidents/",
        { json: { type: "A", severity: 1, timestamp: "2023-12-17T10:00:00Z", description: "d" } },
      ],
    ] as const) {
      const answer = await service.ask(dialect, "POST", path, sent);
      assert.is(answer.status, 503, dialect);
      assert.is(answer.headers["retry-after"], "5");
    }
  } finally {
    await service.close();
  }
});

it("leaves out of the service's own documentation what is not its own", async () => {
  const node = await openNode({ dialects: ["ucar"] });
  const document = await node.app.inject("/openapi.json");
  await node.close();
  assert.not.match(document.body, /compat/);
});

it("counts and logs what is asked of a dialect by its routes, and shows no key anywhere", async () => {
  const logged: string[] = [];
  const service = await openDialects({ logged, dialects_open: false });
  const own_port = await service.node.served.find(({ name }) => name === "ucar")?.app.listen({ port: 0 });
  const mistyped = `${ucarKey.slice(0, -1)}x`;
  const short = "il_short";
  try {
    for (const address of [`${service.address}/compat/ucar`, String(own_port)]) {
      for (const key of [ucarKey, mistyped, short, `${ucarKey}%20`, otherKey]) {
        await send(`${address}/${key}/incidents/`, "POST", report);
        await send(`${address}/${key}/incidents/1`, "PATCH", { json: { status: "closed" } });
        await send(`${address}/${key}/incidents/%zz`, "GET");
        await send(`${address}/${key}/nowhere`, "PUT");
        await send(`${address}/${key}/docs/static/index.html`, "GET");
      }
    }
    await send(`${service.address}/compat/other/${ucarKey}/incidents/`, "GET");
    await send(`${service.address}/elsewhere/${ucarKey}/incidents/`, "GET");
    const metrics = String((await send(`${service.address}/metrics`, "GET")).body);
    const lines = logged.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    assert.match(metrics, 'http_requests_total{method="POST",route="/compat/ucar/incidents/",status="201"} 2');
    const [written] = lines.filter(({ status }) => status === 201);
    const { route, actor, command, outcome, incident } = written ?? {};
    assert.equal(
      [route, actor, command, outcome, incident],
      ["/compat/ucar/incidents/", "key:8", "report", "written", 1],
    );
    for (const text of [...logged, metrics]) {
      for (const key of [ucarKey, mistyped, short, otherKey]) assert.not.match(text, key.slice(3), text);
    }
  } finally {
    await service.close();
  }
});

it("sends nobody who knows a key elsewhere than where the key is", () =>
  withDialects({ dialects_open: false }, async ({ ask }) => {
    const { status, headers } = await ask("ucar", "GET", `/${ucarKey}/docs/static/index.html`);
    const path = `/compat/ucar/${ucarKey}`;
    const to = new URL(String(headers.location), `http://localhost${path}/docs/static/index.html`);
    assert.equal([status, to.pathname], [302, `${path}/docs/`]);
    assert.is((await ask("ucar", "GET", `/${ucarKey}/docs`)).headers["referrer-policy"], "no-referrer");
  }));

/** Sends a request line as it stands, which no client library would, and gives the status of the answer. */
function statusOf(address: string, target: string): Promise<number> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    });
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.once("error", reject).once("end", () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])));
  });
}

it("answers whatever way a path is spelled", () =>
  withDialects({}, async ({ address }) => {
    for (const [target, status] of [
      ["/compat/ucar/health", 200],
      [`${address}/compat/ucar/health`, 200],
      ["HTTP://x/compat/ucar/health", 200],
      ["/compat/%75car/health", 200],
      ["/%63ompat/ucar/health", 200],
      [`/%63ompat/%75car/${ucarKey}/health`, 200],
      ["/compat/UCAR/health", 404],
      ["/compat/nope/health", 404],
      ["/compat/%zz/health", 400],
      [`${address}/compat`, 404],
    ] as const) {
      assert.is(await statusOf(address, target), status, target);
    }
  }));

it("does not repeat a key that stands where a dialect's name should", () =>
  withDialects({}, async ({ address }) => {
    const { status, body } = await send(`${address}/compat/${ucarKey}/incidents/`, "GET");
    assert.is(status, 404);
    assert.not.match(JSON.stringify(body), ucarKey.slice(0, 16));
  }));

it("answers HEAD where the original does", () =>
  withDialects({}, async ({ ask }) => {
    assert.is((await ask("klimbb", "HEAD", "/incidents/")).status, 200);
    assert.is((await ask("tracker", "HEAD", "/incidents")).status, 200);
    assert.is((await ask("ucar", "HEAD", "/incidents/")).status, 405);
  }));
