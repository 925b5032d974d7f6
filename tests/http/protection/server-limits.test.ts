import { connect, type Socket } from "node:net";
import * as assert from "uvu/assert";
import { limits } from "../../../src/config.ts";
import { suite } from "../../support/suite.ts";
import { openStream } from "../support/event-stream.ts";
import { adminKey, openNode, type TestNode } from "../support/node.ts";

const it = suite("limits on a request that arrives");

let node: TestNode;
let address: string;
const sockets: Socket[] = [];

it.before.each(async () => {
  node = await openNode({ dialects: ["ucar"] });
  address = await node.app.listen({ host: "127.0.0.1", port: 0 });
});
it.after.each(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await node.close();
});

/** A connection, what came over it so far, and the end of it. */
function open(): { socket: Socket; text: () => string; ended: Promise<void> } {
  const { port } = new URL(address);
  const socket = connect(Number(port), "127.0.0.1");
  sockets.push(socket);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  return { socket, text: () => text, ended: new Promise((resolve) => socket.once("close", () => resolve())) };
}

async function answerTo(request: string): Promise<string> {
  const { socket, text, ended } = open();
  socket.write(request);
  await ended;
  return text();
}

const head = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${adminKey}\r\n`;
const headerLines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `X-H${index}: ${index}\r\n`).join("");

it("is 16 KiB of headers", async () => {
  const room = limits.header_bytes - 1024;
  const fits = await answerTo(`GET /queue HTTP/1.1\r\n${head}X-Long: ${"x".repeat(room)}\r\n\r\n`);
  assert.match(fits, /^HTTP\/1\.1 200 /);
  for (const path of ["/queue", "/compat/ucar/incidents/"]) {
    const over = await answerTo(`GET ${path} HTTP/1.1\r\n${head}X-Long: ${"x".repeat(limits.header_bytes)}\r\n\r\n`);
    assert.match(over, /^HTTP\/1\.1 431 /);
    assert.match(over, "/problems/headers-too-large");
    assert.match(over, /\r\nx-content-type-options: nosniff\r\n/i);
  }
});

it("is 16 KiB of URL as well, which counts with the headers", async () => {
  const answer = await answerTo(`GET /queue?x=${"x".repeat(limits.header_bytes)} HTTP/1.1\r\n${head}\r\n`);
  assert.match(answer, /^HTTP\/1\.1 431 /);
});

it("is a hundred headers, none of which is passed over in silence", async () => {
  const fits = await answerTo(`GET /queue HTTP/1.1\r\n${head}${headerLines(limits.headers - 3)}\r\n`);
  assert.match(fits, /^HTTP\/1\.1 200 /);
  for (const count of [limits.headers - 2, limits.headers + 500]) {
    const over = await answerTo(`GET /queue HTTP/1.1\r\n${head}${headerLines(count)}\r\n`);
    assert.match(over, /^HTTP\/1\.1 431 /, String(count));
    assert.match(over, "The request has more than 100 headers.");
  }
  const dialect = await answerTo(`GET /compat/ucar/incidents/ HTTP/1.1\r\n${head}${headerLines(limits.headers)}\r\n`);
  assert.match(dialect, /^HTTP\/1\.1 431 /);
  assert.match(dialect, '{"detail":"The request has more than 100 headers."}');
});

it("is set on the server of every application", () => {
  for (const { server } of [node.app, ...node.served.map(({ app }) => app)]) {
    assert.equal(
      [server.headersTimeout, server.requestTimeout, server.maxConnections, server.maxHeadersCount],
      [limits.headers_timeout_ms, limits.request_timeout_ms, limits.connections, limits.headers + 1],
    );
  }
});

it("ends connections whose headers do not come, and none that is idle, answered or a stream", async () => {
  const stream = await openStream(`${address}/events/stream`, { authorization: `Bearer ${adminKey}` });
  const idle = open();
  idle.socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\n\r\n`);
  while (!idle.text().includes("alive")) await new Promise((resolve) => idle.socket.once("data", resolve));
  // The time is for tests; that it is the configured one otherwise is another test's to say.
  node.app.server.headersTimeout = 200;
  const silent = open();
  const slow = open();
  slow.socket.write("GET /queue HTTP/1.1\r\nHost: x\r\n");
  const drip = setInterval(() => slow.socket.write("X-More: 1\r\n"), 100);
  await Promise.all([silent.ended, slow.ended]);
  clearInterval(drip);
  assert.match(slow.text(), /^HTTP\/1\.1 408 /);
  assert.match(slow.text(), "/problems/request-timeout");
  idle.socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await idle.ended;
  assert.is(idle.text().split("HTTP/1.1 200 ").length, 3);
  const answer = await fetch(`${address}/incidents`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: '{"title":"x"}',
  });
  assert.is(answer.status, 201);
  await stream.until(() => stream.events().length > 0);
  assert.ok(stream.events().length > 0);
  stream.leave();
});

it("ends connections whose body does not come", async () => {
  node.app.server.headersTimeout = 200;
  node.app.server.requestTimeout = 200;
  const slow = open();
  slow.socket.write(
    `POST /incidents HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  );
  await slow.ended;
  assert.match(slow.text(), /^HTTP\/1\.1 408 /);
});

it("takes no more connections than it may", async () => {
  node.app.server.maxConnections = 2;
  const [first, second] = [open(), open()];
  await Promise.all([first, second].map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
  for (const { socket } of [first, second]) socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!second.text().includes("alive")) await new Promise((resolve) => second.socket.once("data", resolve));
  const third = open();
  third.socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  await third.ended;
  assert.is(third.text(), "");
});
