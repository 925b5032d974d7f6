import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("backup and restore of a running service");

async function run(...args: readonly string[]) {
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  assert.is(code, 0, `${stdout}${stderr}`);
  return JSON.parse(stdout);
}

it(
  "save what was answered while others write on, and bring it back with the same key and head",
  async () => {
    const [data_dir, place, other] = [freshDirectory(), freshDirectory(), freshDirectory()];
    const backup = join(place, "backup");
    const service = await startService(data_dir);
    let isOver = false;
    let answered = 0;
    const write = async (): Promise<void> => {
      for (; !isOver; answered += 1) {
        const { status } = await service.ask("POST", "/incidents", { title: "Störung 🔥", severity: 3 });
        assert.is(status, 201);
      }
    };
    const writers = [write(), write(), write()];
    const before = (await service.ask("GET", "/ledger/head")).body.position;
    const made = await run("backup", backup, "--data-dir", data_dir);
    const after = (await service.ask("GET", "/ledger/head")).body.position;
    isOver = true;
    await Promise.all(writers);
    assert.ok(answered > 0);
    assert.ok(made.verified);
    assert.ok(made.head.position >= before && made.head.position <= after);
    assert.equal(readdirSync(backup).sort(), ["admin.key", "ledger.db", "manifest.json", "vault.db"]);
    assert.equal(readdirSync(place), ["backup"]);

    const refused = await runCli(["restore", backup, "--data-dir", data_dir, "--replace"]);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, /^Another service runs on .*\n$/);
    await service.end("SIGKILL");

    const restored = await run("restore", backup, "--data-dir", other);
    assert.equal(restored.head, made.head);
    const again = await startService(other);
    const { status, body } = await again.ask("GET", "/ledger/head");
    assert.is(status, 200);
    assert.equal({ position: body.position, hash: body.hash }, made.head);
    assert.is((await again.ask("POST", "/incidents", { title: "life goes on", severity: 1 })).status, 201);
    assert.is(await again.end("SIGTERM"), 0);
    const unasked = await runCli(["restore", backup, "--data-dir", other]);
    assert.is(unasked.code, 2);
    assert.match(unasked.stderr, /are not in the backup and would be lost\. Give --replace/);
  },
  { timeout_ms: 110_000 },
);

it("removes what a backup to the same place left behind when it was killed, and nothing of a living one", async () => {
  const [data_dir, place] = [freshDirectory(), freshDirectory()];
  await (await startService(data_dir)).end("SIGTERM");
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  for (const pid of [dead, process.pid]) {
    mkdirSync(join(place, `backup.${pid}.part`));
    writeFileSync(join(place, `backup.${pid}.part`, "ledger.db"), "texts");
  }
  await run("backup", join(place, "backup"), "--data-dir", data_dir);
  assert.equal(readdirSync(place).sort(), ["backup", `backup.${process.pid}.part`]);
});
