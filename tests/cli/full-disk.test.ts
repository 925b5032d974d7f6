import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { freshDirectory } from "../support/run-cli.ts";
import { startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("a service whose files may not grow any more");

/** Starting a process takes long where many do at once. */
const patience = { timeout_ms: 100_000 };
const sentence =
  "takes no writes, goes on reading, makes nothing anew that is in order, and takes writes again by itself";

if (spawnSync("prlimit", ["--version"]).status === 0) it(sentence, exhaust, patience);
else it.skip(sentence, "prlimit is not installed");

async function exhaust(): Promise<void> {
  const data_dir = freshDirectory();
  const service = await startService(data_dir);
  const limit = (bytes: string): void => {
    const { status, stderr } = spawnSync("prlimit", ["--pid", String(service.pid), `--fsize=${bytes}:`], {
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
  };
  assert.is((await service.ask("POST", "/incidents", { title: "before" })).status, 201);
  assert.is((await service.ask("GET", "/incidents")).status, 200);
  limit("4096");
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { status } = await service.ask("POST", "/incidents", { title: "meanwhile" });
    assert.is(status, 503);
    assert.is((await service.ask("GET", "/readyz")).status, 503);
    for (const path of ["/incidents/1", "/incidents", "/queue", "/handlers", "/events"]) {
      const read = await service.ask("GET", path);
      assert.is(read.status, 200, `${path}: ${JSON.stringify(read.body)}`);
    }
    await sleep(100);
  }
  limit("unlimited");
  while ((await service.ask("GET", "/readyz")).status !== 200) await sleep(50);
  assert.is((await service.ask("POST", "/incidents", { title: "after" })).body.number, 2);
  assert.is((await service.ask("GET", "/incidents")).status, 200);
  assert.is(await service.end("SIGTERM"), 0);
  assert.is(service.log().split("The list of incidents is built from the ledger").length, 2, service.log());
}
