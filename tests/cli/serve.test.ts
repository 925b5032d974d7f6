import { statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { type RunningService, request, startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("serve");

/** A write that was answered: the incident, and the version that it had then. */
interface Answered {
  readonly number: number;
  readonly version: number;
}

/** Reports and resolves until it is told to stop or the service is gone; returns what it was answered. */
async function write(service: RunningService, isOver: () => boolean, answered: Answered[]): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    try {
      const severity = 1 + (turn % 5);
      const { status, body } = await service.ask("POST", "/incidents", { title: `report ${turn}`, severity });
      if (status !== 201) return;
      answered.push(body);
      if (turn % 2 === 1) continue;
      const resolved = await service.ask("POST", `/incidents/${body.number}/resolve`, {});
      if (resolved.status === 200) answered.push(resolved.body);
    } catch {
      return;
    }
  }
}

/** Everything that was answered is there, at that version or a later one: the last answer of an incident says it of all. */
async function holds(service: RunningService, answered: readonly Answered[]): Promise<void> {
  const versions = new Map<number, number>();
  for (const { number, version } of answered) versions.set(number, Math.max(version, versions.get(number) ?? 0));
  for (const [number, version] of versions) {
    const { status, body } = await service.ask("GET", `/incidents/${number}`);
    assert.is(status, 200, `incident ${number} was answered and is not there`);
    assert.ok(body.version >= version, `incident ${number} was answered at version ${version}, is at ${body.version}`);
  }
}

async function verifies(data_dir: string): Promise<void> {
  const { code, stdout, stderr } = await runCli(["verify", "--data-dir", data_dir]);
  assert.is(code, 0, stdout + stderr);
}

it("starts, says where it listens and where the key lies, answers, and stops when it is told to", async () => {
  const data_dir = freshDirectory();
  const service = await startService(data_dir);
  assert.match(service.log(), `The administrator's key is in ${join(data_dir, "admin.key")}, made just now.`);
  assert.is(statSync(join(data_dir, "admin.key")).mode & 0o777, 0o600);
  assert.is((await request(`${service.address}/incidents`, "GET", "wrong")).status, 401);
  const { status, body } = await service.ask("POST", "/incidents", { title: "it smokes", severity: 1 });
  assert.is(status, 201);
  assert.is(body.assigned_to, "Alice");
  assert.is(await service.end("SIGTERM"), 0);
  await verifies(data_dir);
});

it("refuses a second service on the same directory, and takes one after the first is gone", async () => {
  const data_dir = freshDirectory();
  const service = await startService(data_dir);
  const second = await runCli(["serve", "--data-dir", data_dir, "--port", "0"]);
  assert.is(second.code, 2);
  assert.is(second.stderr, `Another service runs on ${data_dir}; stop it first, or choose another DATA_DIR.\n`);
  assert.is(await service.end("SIGINT"), 0);
  assert.is(await (await startService(data_dir)).end("SIGTERM"), 0);
});

it("says so where its port is in use, and leaves the directory to others", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const data_dir = freshDirectory();
  const { code, stderr } = await runCli(["serve", "--data-dir", data_dir, "--port", port]);
  other.close();
  assert.is(code, 2);
  assert.is(stderr, `Port ${port} of 127.0.0.1 is in use; stop who uses it, or choose another PORT.\n`);
  assert.is(await (await startService(data_dir)).end("SIGTERM"), 0);
});

it("warns where AUTH is off, and then asks nobody for a key", async () => {
  const service = await startService(freshDirectory(), "--auth", "off", "--handlers", "");
  assert.match(service.log(), "AUTH is off");
  assert.is((await request(`${service.address}/incidents`, "GET", "")).status, 200);
  assert.is(await service.end("SIGTERM"), 0);
});

it("honours keys that are made and revoked beside it at once", async () => {
  const data_dir = freshDirectory();
  const service = await startService(data_dir);
  const run = async (...args: string[]) =>
    JSON.parse((await runCli(["key", ...args, "--json", "--data-dir", data_dir])).stdout);
  const { key, key_id } = await run("create", "--name", "pager");
  assert.is((await request(`${service.address}/handlers`, "GET", key)).status, 200);
  const { keys } = await run("list");
  assert.equal(
    keys.map(({ name, revoked_at }: { name: string; revoked_at: unknown }) => [name, revoked_at]),
    [["pager", null]],
  );
  assert.not(JSON.stringify(keys).includes(key));
  await run("revoke", String(key_id));
  assert.is((await request(`${service.address}/handlers`, "GET", key)).status, 401);
  const again = await runCli(["key", "revoke", String(key_id), "--data-dir", data_dir]);
  assert.is(again.code, 2);
  assert.match(again.stderr, "There is no key 1 that could still be revoked");
  assert.is(await service.end("SIGTERM"), 0);
});

it(
  "lets verify and replay read beside it while it is written to",
  async () => {
    const data_dir = freshDirectory();
    const service = await startService(data_dir);
    const answered: Answered[] = [];
    let isOver = false;
    const writers = [1, 2, 3].map(() => write(service, () => isOver, answered));
    const { code, stdout } = await runCli(["replay", "--json", "--data-dir", data_dir]);
    assert.is(code, 0);
    const { position, hash } = JSON.parse(stdout);
    const head = await runCli(["verify", "--data-dir", data_dir, "--head", `${position}:${hash}`]);
    assert.is(head.code, 0, head.stdout);
    isOver = true;
    await Promise.all(writers);
    assert.is(await service.end("SIGTERM"), 0);
    await verifies(data_dir);
  },
  { timeout_ms: 60_000 },
);

it("does not wait for connections over which nobody asks anything", async () => {
  const service = await startService(freshDirectory());
  const { hostname, port } = new URL(service.address);
  const silent = connect(Number(port), hostname);
  await new Promise((resolve) => silent.once("connect", resolve));
  assert.is((await service.ask("GET", "/livez")).status, 200);
  const began_ms = performance.now();
  assert.is(await service.end("SIGTERM"), 0);
  silent.destroy();
  assert.ok(performance.now() - began_ms < 4000);
});

it("answers what is under way when it is told to stop, and holds all of it", async () => {
  const data_dir = freshDirectory();
  const service = await startService(data_dir);
  const answered: Answered[] = [];
  const writers = [1, 2, 3, 4].map(() => write(service, () => false, answered));
  await sleep(300);
  assert.is(await service.end("SIGTERM"), 0);
  await Promise.all(writers);
  const again = await startService(data_dir);
  await holds(again, answered);
  assert.is(await again.end("SIGTERM"), 0);
});

it(
  "holds everything it had answered when it is killed at any moment, and verifies",
  async () => {
    const data_dir = freshDirectory();
    const answered: Answered[] = [];
    for (let round = 0; round < 2; round += 1) {
      const service = await startService(data_dir);
      const before = answered.length;
      const writers = [1, 2, 3, 4].map(() => write(service, () => false, answered));
      // A machine that has much else to do takes its time for the first answers.
      while (answered.length < before + 8) await sleep(5);
      const moment_ms = Math.floor(Math.random() * 900);
      await sleep(moment_ms);
      assert.is(await service.end("SIGKILL"), null, `killed after ${moment_ms} ms`);
      await Promise.all(writers);
      await verifies(data_dir);
      const again = await startService(data_dir);
      await holds(again, answered.slice(before));
      assert.is(await again.end(round % 2 === 0 ? "SIGTERM" : "SIGKILL"), round % 2 === 0 ? 0 : null);
    }
  },
  { timeout_ms: 120_000 },
);
