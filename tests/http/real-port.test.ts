import { connect } from "node:net";
import { Client } from "undici";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { adminKey, openNode, type TestNode } from "./support/node.ts";

const it = suite("the service on a real port");

let node: TestNode;
let client: Client;
let port: number;

it.before(async () => {
  node = await openNode();
  await node.app.listen({ host: "127.0.0.1", port: 0 });
  const [address] = node.app.addresses();
  port = typeof address === "object" ? address.port : 0;
  client = new Client(`http://127.0.0.1:${port}`);
});
it.after(async () => {
  await client.close();
  await node.close();
});

const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };

/** Sends bytes as they are and gives what comes back until the connection closes. */
function sendRaw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

it("takes many reports at once and gives each its own number", async () => {
  const reports = Array.from({ length: 200 }, (_, index) =>
    client.request({ method: "POST", path: "/incidents", headers, body: JSON.stringify({ title: `report ${index}` }) }),
  );
  const numbers: unknown[] = [];
  for (const answer of await Promise.all(reports)) {
    assert.is(answer.statusCode, 201);
    const { number } = (await answer.body.json()) as { number: number };
    numbers.push(number);
  }
  assert.is(new Set(numbers).size, 200);
  const queue = await client.request({ method: "GET", path: "/queue?count=true&limit=1", headers });
  assert.is(((await queue.body.json()) as { total: number }).total, 197);
});

it("answers HEAD like GET, without a body", async () => {
  const answer = await client.request({ method: "HEAD", path: "/incidents/1", headers });
  assert.equal([answer.statusCode, await answer.body.text()], [200, ""]);
  assert.ok(Number(answer.headers["content-length"]) > 100);
});

it("answers with a length and a type that a client can rely on", async () => {
  const answer = await client.request({ method: "GET", path: "/incidents/1", headers });
  const text = await answer.body.text();
  assert.is(Number(answer.headers["content-length"]), Buffer.byteLength(text));
  assert.is(answer.headers["content-type"], "application/json; charset=utf-8");
});

it("refuses a chunked body that is too large", async () => {
  const body = (async function* () {
    for (let index = 0; index < 20; index += 1) yield Buffer.alloc(65_536, 0x20);
  })();
  const answer = await fetch(`http://127.0.0.1:${port}/incidents`, {
    method: "POST",
    headers,
    body,
    duplex: "half",
  } as RequestInit).catch(() => null);
  // The connection is closed while the client still sends: it sees the answer or the end of the connection.
  if (answer !== null) assert.is(answer.status, 413);
});

it("answers what is no HTTP with a problem", async () => {
  const text = await sendRaw("NONSENSE\r\n\r\n");
  assert.match(text, /^HTTP\/1\.1 400 /);
  assert.match(text, "application/problem+json");
  assert.match(text, "/problems/bad-request");
});

it("answers headers that are too large with a problem", async () => {
  const text = await sendRaw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 431 /);
  assert.match(text, "/problems/headers-too-large");
});

it("survives callers who leave in the middle", async () => {
  for (let index = 0; index < 5; index += 1) {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `POST /incidents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nAuthorization: Bearer ${adminKey}\r\n\r\n{"title"`,
      );
      socket.destroy();
    });
    await new Promise((resolve) => socket.on("close", resolve));
  }
  const answer = await client.request({ method: "GET", path: "/health" });
  assert.is(answer.statusCode, 200);
  await answer.body.dump();
});
