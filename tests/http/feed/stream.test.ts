import { connect } from "node:net";
import * as assert from "uvu/assert";
import { limits } from "../../../src/config.ts";
import { LiveFeed } from "../../../src/http/feed/live-feed.ts";
import { suite } from "../../support/suite.ts";
import { type Call, callerOf, codeOf, faultsOf, rowsOf } from "../support/client.ts";
import { type EventStream, openStream } from "../support/event-stream.ts";
import { adminKey, openNode, otherKey, type TestNode, type TestNodeOptions } from "../support/node.ts";

const it = suite("the stream of events");

let node: TestNode;
let call: Call;
let address: string;
let streams: EventStream[] = [];

async function open(options: TestNodeOptions = {}): Promise<void> {
  node = await openNode(options);
  call = callerOf(node.app);
  address = await node.app.listen({ host: "127.0.0.1", port: 0 });
}
it.after.each(async () => {
  for (const stream of streams) stream.leave();
  streams = [];
  await node.close();
});

async function follow(query = "", headers: Readonly<Record<string, string>> = {}): Promise<EventStream> {
  const stream = await openStream(`${address}/events/stream${query}`, {
    authorization: `Bearer ${adminKey}`,
    ...headers,
  });
  streams.push(stream);
  return stream;
}

const report = (title: string, more: object = {}) => call("POST", "/incidents", { body: { title, ...more } });

/** Each event as GET /events writes it. */
async function listed(query = ""): Promise<readonly string[]> {
  const { text } = await call("GET", `/events?limit=1000${query}`);
  const inner = /^\{"events":\[(.*)\],"next_cursor":null\}$/s.exec(text)?.[1];
  assert.ok(inner !== undefined, text.slice(0, 200));
  // The rows are one line; each begins with its position.
  return inner === "" ? [] : inner.split(/,(?=\{"position":)/);
}

const dataOf = (stream: EventStream): readonly string[] => stream.events().map(({ data }) => data ?? "");
const idsOf = (stream: EventStream): readonly number[] => stream.events().map(({ id }) => Number(id));
const upTo = (stream: EventStream, position: number) => stream.until(() => Number(stream.last_id()) >= position);
const head = (): number => node.desk.durable_position;

it("begins at the head, says from where to resume and when, and sends what happens, byte for byte as GET /events", async () => {
  await open();
  const before = head();
  const stream = await follow();
  await stream.until((blocks) => blocks.length > 0);
  const [first] = stream.blocks;
  assert.is(first?.id, String(before));
  const retry = Number(first?.retry);
  assert.ok(retry >= limits.feed_retry_ms && retry <= 2 * limits.feed_retry_ms, first?.retry);
  await report('a "quoted" title\nof two lines \u2028 and ü, 火事', { labels: { service: "checkout" } });
  await call("POST", "/incidents/1/comments", { body: { text: "\\ \t end" } });
  await upTo(stream, head());
  assert.equal(dataOf(stream), await listed(`&after=${before}`));
  assert.equal(
    idsOf(stream),
    dataOf(stream).map((data) => JSON.parse(data).position),
  );
  assert.ok(
    stream.blocks.every((block) => !("event" in block)),
    "browsers get every event in onmessage",
  );
});

it("tells proxies to pass it on as it comes, and has the headers of every answer", async () => {
  await open();
  const { status, headers } = await follow("", { "x-request-id": "mine-1" });
  assert.is(status, 200);
  assert.is(headers["content-type"], "text/event-stream; charset=utf-8");
  assert.is(headers["cache-control"], "no-cache, no-transform");
  assert.is(headers["x-accel-buffering"], "no");
  assert.is(headers["ledger-position"], String(head()));
  assert.is(headers["x-request-id"], "mine-1");
  assert.is(headers["transfer-encoding"], "chunked");
});

it("resumes after the header's position, which wins over the query's, from any position at all", async () => {
  await open();
  for (const title of ["a", "b", "c"]) await report(title);
  const all = await listed();
  for (let after = 0; after <= head(); after += 1) {
    const by_query = await follow(`?after=${after}`);
    const by_header = await follow("?after=0", { "last-event-id": String(after) });
    for (const stream of [by_query, by_header]) {
      await upTo(stream, head());
      assert.equal(dataOf(stream), all.slice(after), `after ${after}`);
    }
  }
});

it("takes the words of GET /events as filters, and sends what that shows", async () => {
  await open({ handlers: ["Alice", "Bob"] });
  await call("POST", "/teams", { body: { name: "network" } });
  await call("POST", "/handlers", { body: { handler_id: "Nora", team: "network" } });
  const queries = [
    "&type=incident.reported,%20incident.assigned",
    "&kind=decision",
    "&kind=FACT&type=incident.reported,incident.assigned",
    "&incident=2",
    "&team=Network",
    "&team=default&kind=decision",
    "&team=network&incident=2",
    "&incident=99",
  ];
  const live = await Promise.all(queries.map((query) => follow(`?after=0${query}`)));
  for (const title of ["a", "b", "c"]) await report(title);
  await call("PATCH", "/incidents/2", { body: { team: "network" } });
  await call("POST", "/incidents/2/comments", { body: { text: "now it is theirs" } });
  await call("POST", "/incidents/1/resolve");
  await call("DELETE", "/handlers/Nora");
  for (const [index, query] of queries.entries()) {
    const past = await follow(`?after=0${query}`);
    const expected = await listed(query);
    assert.ok(expected.length > 0 || query.endsWith("99"), query);
    for (const stream of [live[index], past]) {
      await stream?.until(() => stream.events().length >= expected.length);
      assert.equal(stream && dataOf(stream), expected, query);
    }
  }
  const moved = rowsOf(await call("GET", "/events?type=incident.moved"), "events");
  for (const team of ["default", "network"]) {
    assert.equal(rowsOf(await call("GET", `/events?type=incident.moved&team=${team}`), "events"), moved, team);
  }
});

it("brings a client whose filter leaves everything out near the head all the same", async () => {
  await open({
    instead: ({ ledger, runtime }) => ({
      feed: new LiveFeed({ ledger, runtime, limits: { ...limits, feed_heartbeat_ms: 20 } }),
    }),
  });
  const stream = await follow("?type=team.rules-changed&after=0");
  await report("not for you");
  await upTo(stream, head());
  assert.equal(stream.events(), []);
  assert.is(stream.last_id(), String(head()));
  const plain = await follow();
  await plain.until((blocks) => blocks.length >= 3);
  assert.equal(plain.blocks.slice(1, 3), [{ comment: "still here" }, { comment: "still here" }]);
});

it("refuses what it cannot follow", async () => {
  await open();
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, number, string, readonly string[]])[] = [
    ["?after=6", {}, 409, "position-beyond-head", []],
    ["", { "last-event-id": "6" }, 409, "position-beyond-head", []],
    ["", { "last-event-id": "x" }, 400, "malformed-header", ["Last-Event-ID"]],
    ["?after=0", { "last-event-id": "-1" }, 400, "malformed-header", ["Last-Event-ID"]],
    ["", { "last-event-id": "9".repeat(20) }, 400, "malformed-header", ["Last-Event-ID"]],
    ["?after=-1", {}, 422, "validation-failed", ["after"]],
    ["?after=1.5", {}, 422, "validation-failed", ["after"]],
    ["?after=1&after=2", {}, 422, "validation-failed", ["after"]],
    ["?type=nonsense", {}, 422, "validation-failed", ["type"]],
    ["?kind=rumour", {}, 422, "validation-failed", ["kind"]],
    ["?kind=decision&type=incident.reported", {}, 422, "validation-failed", ["kind"]],
    ["?team=nope", {}, 404, "team-not-found", []],
    ["?incident=nope", {}, 404, "incident-not-found", []],
    ["", { authorization: "Bearer wrong" }, 401, "unauthorized", []],
  ];
  for (const [query, headers, status, code, faults] of cases) {
    const answer = await call("GET", `/events/stream${query}`, { headers });
    const what = `${query} ${JSON.stringify(headers)}`;
    assert.equal([answer.status, codeOf(answer), faultsOf(answer)], [status, code, faults], what);
    assert.is(answer.headers["content-type"], "application/problem+json", what);
  }
  assert.is((await call("HEAD", "/events/stream")).status, 405);
  assert.is((await follow("", { "last-event-id": "" })).status, 200, "no id is none");
  assert.is(node.services.feed.clients, 1);
});

it("takes so many clients and no more, and others when some have left", async () => {
  await open({
    instead: ({ ledger, runtime }) => ({
      feed: new LiveFeed({ ledger, runtime, limits: { ...limits, feed_clients: 2 } }),
    }),
  });
  const [first] = await Promise.all([follow(), follow("?after=0")]);
  const refused = await call("GET", "/events/stream");
  assert.equal([refused.status, codeOf(refused), refused.headers["retry-after"]], [503, "too-many-followers", "5"]);
  first?.leave();
  for (let status = 503; status === 503; ) ({ status } = await follow());
});

it("forgets at once who leaves, in whatever moment", async () => {
  await open();
  const { hostname, port } = new URL(address);
  const asked = `GET /events/stream?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminKey}\r\n\r\n`;
  for (let index = 0; index < 40; index += 1) {
    const socket = connect(Number(port), hostname, () => {
      socket.write(asked);
      if (index % 2 === 0) socket.destroy();
      else setImmediate(() => socket.destroy());
    });
    await new Promise((resolve) => socket.once("close", resolve));
  }
  const last = await follow();
  last.leave();
  while (node.services.feed.clients > 0) await new Promise((resolve) => setImmediate(resolve));
});

it("ends at the next heartbeat where the credential is no longer valid", async () => {
  let is_valid = true;
  await open({
    instead: ({ ledger, runtime, authenticate }) => ({
      feed: new LiveFeed({ ledger, runtime, limits: { ...limits, feed_heartbeat_ms: 20 } }),
      authenticate: async (token) => (is_valid || token === adminKey ? authenticate(token) : null),
    }),
  });
  const theirs = await follow("", { authorization: `Bearer ${otherKey}` });
  const ours = await follow();
  await theirs.until((blocks) => blocks.length >= 3);
  is_valid = false;
  assert.is(await theirs.ended, "in order");
  assert.is(theirs.blocks.at(-1)?.comment, "the credential is no longer valid");
  const seen = ours.blocks.length;
  await ours.until((blocks) => blocks.length >= seen + 2);
});

/** A stream in whose credential nobody trusts any longer after `withdraw`, and a report that comes after that. */
async function withdrawn(credential: string, query: string, withdraw: () => Promise<unknown>): Promise<void> {
  const theirs = await follow(query, { authorization: `Bearer ${credential}` });
  const ours = await follow();
  await report("before");
  // Of what the filter leaves out they are told at the next heartbeat alone; what it lets through of one commit comes together.
  await theirs.until(() => dataOf(theirs).some((data) => data.includes("before")));
  await upTo(ours, head());
  const gone = await withdraw();
  assert.ok((gone as { status: number }).status < 300, JSON.stringify(gone));
  const last = head();
  // While they are told that they may go, more happens.
  await Promise.all([report("after 1"), report("after 2")]);
  await report("after 3");
  await upTo(ours, head());
  assert.is(await theirs.ended, "in order");
  assert.is(theirs.blocks.at(-1)?.comment, "the credential is no longer valid");
  const late = idsOf(theirs).filter((position) => position >= last);
  assert.equal(late, [], "what was recorded after that was not for them");
  assert.ok(dataOf(theirs).some((data) => data.includes("before")));
}

const queries = ["", "?team=default", "?type=incident.reported"];

it("sends nothing that was recorded after a key was revoked", async () => {
  await open();
  for (const query of queries) {
    const { json } = await call("POST", "/keys", { body: { name: "theirs", role: "viewer" } });
    await withdrawn(String(json.key), query, () => call("DELETE", `/keys/${json.key_id}`));
  }
});

it("sends nothing that was recorded after a user was deactivated", async () => {
  await open();
  for (const [index, query] of queries.entries()) {
    const person = { email: `ana${index}@example.com`, password: "seven herons on a roof" };
    const made = await call("POST", "/users", { body: { ...person, role: "viewer" } });
    const { json } = await call("POST", "/auth/login", { body: person });
    await withdrawn(String(json.access_token), query, () => call("DELETE", `/users/${made.json.user_id}`));
  }
});

it("sends nothing of the past either to whose credential holds no longer", async () => {
  let is_valid = true;
  await open({
    instead: ({ authenticate }) => ({
      authenticate: async (token) => (is_valid || token === adminKey ? authenticate(token) : null),
    }),
  });
  for (let count = 0; count < 40; count += 1) await report("x".repeat(200), { description: "y".repeat(9000) });
  const theirs = await openStream(
    `${address}/events/stream?after=0`,
    { authorization: `Bearer ${otherKey}` },
    { is_paused: true },
  );
  streams.push(theirs);
  is_valid = false;
  theirs.resume();
  assert.is(await theirs.ended, "in order");
  assert.ok(Number(theirs.last_id()) < head(), "it had all of the past");
});

it("tells who has ended the session nothing more, soon after", async () => {
  await open();
  const person = { email: "ana@example.com", password: "seven herons on a roof" };
  await call("POST", "/users", { body: { ...person, role: "viewer" } });
  const { json } = await call("POST", "/auth/login", { body: person });
  const authorization = `Bearer ${json.access_token}`;
  const theirs = await follow("", { authorization });
  await call("POST", "/auth/logout", { body: {}, headers: { authorization } });
  let is_over = false;
  void theirs.ended.then(() => {
    is_over = true;
  });
  // No event tells of it: the answer that they are welcome holds for a moment.
  while (!is_over) await report("more");
  assert.is(theirs.blocks.at(-1)?.comment, "the credential is no longer valid");
});

it("ends in order when the service stops, and goes on elsewhere without loss", async () => {
  await open();
  const stream = await follow("?after=0");
  await upTo(stream, head());
  await node.app.close();
  assert.is(await stream.ended, "in order");
  const last = stream.blocks.at(-1);
  assert.match(String(last?.comment), "the service stops");
  assert.is(last?.id, String(head()));
});

it("misses and doubles nothing while many write and clients come and go at any moment", async () => {
  await open();
  let is_over = false;
  const writers = [1, 2, 3].map(async (writer) => {
    for (let turn = 0; turn < 40; turn += 1) {
      const { json } = await report(`${writer}-${turn}`, { severity: 1 + (turn % 5) });
      if (turn % 2 === 0) await call("POST", `/incidents/${json.number}/resolve`);
    }
  });
  const written = Promise.all(writers).then(() => {
    is_over = true;
  });
  /** Leaves after a few blocks, whatever they are, and resumes with the last id: what came must be gapless all the same. */
  const restless = async (begin: number, patience: number): Promise<readonly number[]> => {
    const ids: number[] = [];
    let last = String(begin);
    while (!is_over || Number(last) < head()) {
      const stream = await follow("?after=0", { "last-event-id": last });
      const seen = stream.events().length;
      await stream.until(
        () => stream.events().length >= seen + patience || (is_over && Number(stream.last_id()) >= head()),
      );
      stream.leave();
      ids.push(...idsOf(stream));
      last = stream.last_id();
    }
    return ids;
  };
  const seen = await Promise.all([restless(0, 1), restless(0, 7), restless(3, 3), restless(5, 50), restless(0, 500)]);
  await written;
  for (const [index, ids] of seen.entries()) {
    const first = [0, 0, 3, 5, 0][index] ?? 0;
    assert.equal(
      ids,
      Array.from({ length: head() - first }, (_, offset) => first + offset + 1),
      `client ${index}`,
    );
  }
});
