import { createServer } from "node:net";
import * as assert from "uvu/assert";
import { send } from "../http/support/dialect-client.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { beginService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("serve, with dialects");
const patience = { timeout_ms: 60_000 };
const report = { json: { description: "x", source: "operator" } };

/** Where a dialect listens by itself, as the log says. */
function addressOf(log: string, dialect: string): string {
  const address = new RegExp(`The dialect ${dialect} listens on (http://[^ "]+:\\d+)`).exec(log)?.[1];
  if (address === undefined) throw new Error(`the dialect ${dialect} does not listen:\n${log}`);
  return address;
}

it(
  "gives a dialect a port of its own beside its path on the main one, and warns where it is open",
  async () => {
    const flags = ["--dialect", "ucar=0", "--dialect", "tracker", "--dialects-open", "true"];
    const service = beginService(freshDirectory(), ...flags);
    const address = await service.address;
    const own = addressOf(service.log(), "ucar");
    assert.is((await send(`${own}/incidents/`, "POST", report)).status, 201);
    assert.is((await send(`${address}/compat/ucar/incidents/1`, "GET")).status, 200);
    assert.is((await send(`${address}/compat/tracker/incidents`, "GET")).status, 200);
    assert.is((await send(`${own}/queue`, "GET")).status, 404);
    assert.match(service.log(), "The dialects are open (ucar, tracker): whoever reaches this address may report");
    assert.is(await service.end("SIGTERM"), 0);
  },
  patience,
);

it(
  "takes keys made beside it for their dialect, until they are revoked",
  async () => {
    const data_dir = freshDirectory();
    const service = beginService(data_dir, "--dialects", "ucar,tracker");
    const address = await service.address;
    const create = ["key", "create", "--name", "old clients", "--dialect", "ucar", "--data-dir", data_dir, "--json"];
    const { key_id, key } = JSON.parse((await runCli(create)).stdout) as { key_id: number; key: string };
    const statusOf = async (path: string) => (await send(`${address}/compat/${path}`, "GET")).status;
    assert.equal(
      [
        await statusOf(`ucar/${key}/incidents/`),
        await statusOf("ucar/incidents/"),
        await statusOf(`tracker/${key}/incidents`),
      ],
      [200, 401, 401],
    );
    assert.is((await runCli(["key", "revoke", String(key_id), "--data-dir", data_dir])).code, 0);
    assert.is(await statusOf(`ucar/${key}/incidents/`), 401);
    assert.not.match(service.log(), "are open");
    assert.is(await service.end("SIGTERM"), 0);
    assert.not.match(service.log(), key);
  },
  patience,
);

it(
  "does not start where a dialect's port is in use, or dialects would be open to everybody by mistake",
  async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const found = server.address();
    const port = typeof found === "object" ? found?.port : 0;
    const base = ["serve", "--port", "0", "--data-dir"];
    try {
      const [taken, open, twice] = await Promise.all([
        runCli([...base, freshDirectory(), "--dialect", `ucar=${port}`]),
        runCli([...base, freshDirectory(), "--dialect", "ucar", "--dialects-open", "true", "--host", "0.0.0.0"]),
        runCli([...base, freshDirectory(), "--dialect", "ucar", "--dialects", "tracker"]),
      ]);
      assert.equal([taken.code, open.code, twice.code], [2, 2, 2]);
      assert.match(taken.stderr, `Port ${port} of 127.0.0.1 is in use`);
      assert.match(open.stderr, "DIALECTS_OPEN=true needs a loopback HOST, but HOST is 0.0.0.0");
      assert.match(twice.stderr, "cannot be used with option '--dialects");
    } finally {
      server.close();
    }
  },
  patience,
);
