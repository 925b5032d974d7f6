import { createServer, type IncomingMessage, type Server } from "node:http";
import * as assert from "uvu/assert";
import { histories } from "../../../src/intake/history/all-histories.ts";
import { fetchHistory, HistoryUnreachable } from "../../../src/intake/history/fetch-history.ts";
import { HistoryFault } from "../../../src/intake/history/history.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { suite } from "../../support/suite.ts";

const it = suite("asking another system for its incidents");

/** Answers as the other system would. */
type Answer = (url: URL, request: IncomingMessage) => { readonly status?: number; readonly body: string };

const servers: Server[] = [];
it.after.each(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function systemThat(answer: Answer): Promise<{ readonly address: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const { status = 200, body } = answer(new URL(request.url ?? "/", "http://host"), request);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const found = server.address();
  return { address: `http://127.0.0.1:${typeof found === "object" ? found?.port : 0}`, asked };
}

const ask = (address: string, system: keyof typeof histories) =>
  fetchHistory(address, histories[system], systemRuntime());

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  assert.instance(failure, Error);
  return failure as Error;
}

const ucarRow = (id: number) => ({
  id,
  description: `number ${id}`,
  source: "partner",
  status: "new",
  created_at: "2026-11-20T23:32:02",
});
const ucarAnswer =
  (all: number): Answer =>
  ({ searchParams }) => {
    const skip = Number(searchParams.get("skip") ?? 0);
    const limit = Number(searchParams.get("limit") ?? 100);
    const rows = Array.from({ length: all }, (_, index) => ucarRow(index + 1)).slice(skip, skip + limit);
    return { body: JSON.stringify({ incidents: rows, total: all }) };
  };

it("follows the pages of ucar to their end", async () => {
  const { address, asked } = await systemThat(ucarAnswer(2345));
  const { incidents, total } = await ask(`${address}/incidents/`, "ucar");
  assert.equal([incidents.length, total], [2345, 2345]);
  assert.equal(
    incidents.map(({ source_id }) => Number(source_id)),
    Array.from({ length: 2345 }, (_, index) => index + 1),
  );
  assert.equal(asked, [
    "/incidents/",
    "/incidents/?skip=100&limit=1000",
    "/incidents/?skip=1100&limit=1000",
    "/incidents/?skip=2100&limit=1000",
  ]);
});

it("begins where the address says, and keeps what else it asks for", async () => {
  const { address, asked } = await systemThat(ucarAnswer(400));
  const { incidents } = await ask(`${address}/incidents/?status=new&skip=50`, "ucar");
  assert.is(incidents.length, 350);
  assert.is(asked[1], "/incidents/?status=new&skip=150&limit=1000");
});

it("finds the list of a system of which only the host is named", async () => {
  const { address, asked } = await systemThat(() => ({ body: '{"incidents": [], "total": 0}' }));
  await ask(address, "tracker");
  await ask(`${address}/`, "ucar");
  assert.equal(asked, ["/incidents", "/incidents/"]);
});

it("ends at an empty page, whatever the total says", async () => {
  const { address, asked } = await systemThat(() => ({ body: '{"incidents": [], "total": 7}' }));
  assert.equal(await ask(address, "ucar"), { incidents: [], total: 7 });
  assert.is(asked.length, 1);
});

it("says what is wrong where there is no such list", async () => {
  const { address } = await systemThat(({ pathname }) => {
    if (pathname === "/words") return { body: "<html>" };
    if (pathname === "/other") return { body: '{"message": "Incident API"}' };
    return pathname === "/entry" ? { body: '[{"id": "x"}]' } : { status: 404, body: "{}" };
  });
  const cases: [string, keyof typeof histories, typeof HistoryFault | typeof HistoryUnreachable, RegExp][] = [
    [`${address}/none`, "ucar", HistoryUnreachable, /\/none answered with 404; name the address of its list\.$/],
    [`${address}/words`, "ucar", HistoryFault, /\/words holds is not JSON: /],
    [`${address}/other`, "ucar", HistoryFault, /\/other: `incidents` must be a list of incidents\.$/],
    [`${address}/other`, "klimbb", HistoryFault, /\/other: The answer must be a list of incidents\.$/],
    [`${address}/entry`, "klimbb", HistoryFault, /entry 1: incident_id must be a text, not undefined\.$/],
    ["http://127.0.0.1:1/", "ucar", HistoryUnreachable, /cannot be reached: /],
    ["http://nowhere.invalid/", "ucar", HistoryUnreachable, /nowhere\.invalid\/incidents\/ cannot be reached: /],
    ["http://", "ucar", HistoryUnreachable, /is no address/],
    ["http://name:word@host/", "ucar", HistoryUnreachable, /may not hold a name and a password/],
  ];
  for (const [from, system, kind, message] of cases) {
    const failure = await failureOf(ask(from, system));
    assert.instance(failure, kind);
    assert.match(failure.message, message);
    assert.not.match(failure.message, "word@");
  }
});

it("says so where a system hangs up in the middle of its answer", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"incidents": [');
    setImmediate(() => response.destroy());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const found = server.address();
  const failure = await failureOf(ask(`http://127.0.0.1:${typeof found === "object" ? found?.port : 0}`, "ucar"));
  assert.match(failure.message, /cannot be reached: /);
});

it("gives up on a system that does not answer", async () => {
  const server = createServer(() => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const found = server.address();
  const impatient = {
    after: (_delay_ms: number, callback: () => void) => {
      setImmediate(callback);
      return () => {};
    },
  };
  const address = `http://127.0.0.1:${typeof found === "object" ? found?.port : 0}`;
  const failure = await failureOf(fetchHistory(address, histories.tracker, impatient));
  assert.match(failure.message, /no whole answer came within 60 s\.$/);
});
