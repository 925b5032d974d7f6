import fastify from "fastify";
import * as assert from "uvu/assert";
import { fastifySettings } from "../../../src/http/fastify-settings.ts";
import { clientAddress } from "../../../src/http/protection/client-address.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { suite } from "../../support/suite.ts";

const it = suite("the address of a client");

/** Whom a service with these proxies sees where somebody at an address sends that header. */
async function seen(trusted_proxies: readonly string[], remoteAddress: string, forwarded?: string): Promise<string> {
  const config = { auth: "required", host: "127.0.0.1", trusted_proxies } as const;
  const app = fastify(fastifySettings({ runtime: systemRuntime(), config }, undefined));
  app.get("/", async (request) => clientAddress(request));
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  const { body } = await app.inject({ url: "/", remoteAddress, headers });
  await app.close();
  return body;
}

it("is that of the connection, whatever the headers say, where no proxy is trusted", async () => {
  assert.is(await seen([], "192.0.2.1"), "192.0.2.1");
  assert.is(await seen([], "192.0.2.1", "198.51.100.7"), "192.0.2.1");
  assert.is(await seen([], "127.0.0.1", "198.51.100.7"), "127.0.0.1");
});

it("is what a trusted proxy says, and only such a one", async () => {
  const proxies = ["10.0.0.0/8", "fd00::/8"];
  assert.is(await seen(proxies, "10.1.2.3", "198.51.100.7"), "198.51.100.7");
  assert.is(await seen(proxies, "::ffff:10.1.2.3", "198.51.100.7"), "198.51.100.7");
  assert.is(await seen(proxies, "fd00::1", "2001:db8::7"), "2001:db8::7");
  assert.is(await seen(proxies, "10.1.2.3"), "10.1.2.3");
  assert.is(await seen(proxies, "192.0.2.1", "198.51.100.7"), "192.0.2.1");
  assert.is(await seen(["10.0.0.7"], "10.0.0.8", "198.51.100.7"), "10.0.0.8");
});

it("is not what the client put before it", async () => {
  const proxies = ["10.0.0.0/8"];
  assert.is(await seen(proxies, "10.0.0.1", "1.1.1.1, 198.51.100.7"), "198.51.100.7");
  assert.is(await seen(proxies, "10.0.0.1", "10.9.9.9, 198.51.100.7"), "198.51.100.7");
  assert.is(await seen(proxies, "10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2"), "198.51.100.7");
  assert.is(await seen(proxies, "10.0.0.1", "1.1.1.1, nonsense, 198.51.100.7"), "198.51.100.7");
});

it("is the proxy's own where that says nothing sensible, and never a text that somebody made up", async () => {
  const proxies = ["10.0.0.0/8"];
  assert.is(await seen(proxies, "10.0.0.1", "198.51.100.7:4711"), "198.51.100.7");
  assert.is(await seen(proxies, "10.0.0.1", "[2001:db8::7]:4711"), "2001:db8::7");
  for (const nonsense of ["unknown", "_hidden", "x".repeat(5000), "1.2.3", "<script>", ":80"]) {
    assert.is(await seen(proxies, "10.0.0.1", nonsense), "10.0.0.1", nonsense);
  }
});
