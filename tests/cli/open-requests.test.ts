import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import * as assert from "uvu/assert";
import { type OpenRequests, watchRequests } from "../../src/cli/open-requests.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { suite } from "../support/suite.ts";

const it = suite("closing a server");

const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

async function open(): Promise<{ server: Server; port: number; requests: OpenRequests }> {
  const server = createServer((_request, response) => response.end("answer"));
  const requests = watchRequests(server, systemRuntime());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port, requests };
}

async function connected(server: Server, port: number): Promise<Socket> {
  const taken = new Promise((resolve) => server.once("connection", resolve));
  const socket = connect(port, "127.0.0.1");
  await taken;
  return socket;
}

/** What comes over a connection until it ends, or the code of what cut it off. */
function hear(socket: Socket): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("close", () => resolve(text));
  });
}

/** Clients in a thread of their own: they go on while this one stands still. Each connects, asks and says what it heard. */
function clientsOf(port: number, count: number): { readonly asked: Int32Array; readonly heard: Promise<string[]> } {
  const asked = new Int32Array(new SharedArrayBuffer(4));
  const script = `
    const { workerData: { port, count, get, asked }, parentPort } = require("node:worker_threads");
    const heard = [];
    for (let index = 0; index < count; index += 1) {
      const socket = require("node:net").connect(port, "127.0.0.1", () => socket.write(get, () => {
        Atomics.add(asked, 0, 1);
        Atomics.notify(asked, 0);
      }));
      let text = "";
      const tell = (what) => { if (heard.push(what) === count) parentPort.postMessage(heard); };
      socket.setEncoding("utf8").on("data", (chunk) => { text += chunk; });
      socket.once("error", (error) => { text = error.code; });
      socket.once("close", () => tell(text));
    }`;
  const worker = new Worker(script, { eval: true, workerData: { port, count, get, asked } });
  return { asked, heard: new Promise((resolve) => worker.once("message", resolve)) };
}

it("takes all who have connected and asked while it could not look, before it stops to listen", async () => {
  const { server, port, requests } = await open();
  const count = 20;
  const { asked, heard } = clientsOf(port, count);
  // This thread stands still until all of them wait.
  for (let seen = 0; seen < count; seen = Atomics.load(asked, 0)) Atomics.wait(asked, 0, seen, 1000);
  await requests.stopListening(5000);
  assert.not(server.listening);
  await requests.whenAllLeft(200);
  requests.endConnections(5000);
  for (const answer of await heard) assert.match(answer, /^HTTP\/1\.1 200[\s\S]*answer/);
});

it("answers who has connected and asks only when it listens no longer", async () => {
  const { server, port, requests } = await open();
  const socket = await connected(server, port);
  await requests.stopListening(1000);
  const left = requests.whenAllLeft(5000);
  const heard = hear(socket);
  socket.end(get);
  assert.match(await heard, /^HTTP\/1\.1 200/);
  await left;
  requests.endConnections(0);
});

it("reads what came while the machine stood still, before it ends connections over which nobody asks anything", async () => {
  const { server, port, requests } = await open();
  const socket = await connected(server, port);
  await requests.stopListening(1000);
  const heard = hear(socket);
  const left = requests.whenAllLeft(50).then(() => requests.endConnections(5000));
  socket.write(get);
  // The time is over before the request could be read.
  const until_ms = performance.now() + 200;
  while (performance.now() < until_ms);
  await left;
  assert.match(await heard, /^HTTP\/1\.1 200/);
});

it("does not wait longer than it may for those who never ask", async () => {
  const { server, port, requests } = await open();
  const heard = hear(await connected(server, port));
  await requests.stopListening(1000);
  await requests.whenAllLeft(20);
  requests.endConnections(5000);
  assert.is(await heard, "");
});

it("does not wait for what was asked over a connection that is gone, behind a request that was under way", async () => {
  const asked: ServerResponse[] = [];
  const server = createServer((_request, response) => void asked.push(response));
  const requests = watchRequests(server, systemRuntime());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const idle = hear(await connected(server, port));
  const leaving = await connected(server, port);
  leaving.write(get + get);
  while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await requests.stopListening(1000);
  requests.endConnections(10 * 60_000);
  leaving.destroy();
  assert.is(await idle, "");
});
