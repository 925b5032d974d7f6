import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Commit } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { type EventStream, openStream } from "../http/support/event-stream.ts";
import { comment, countedRuntime, opening, report } from "../support/ledger/example-commits.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { beginService, type RunningService, startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("stopping the service");

/** Starting a process takes long where many do at once. */
const patience = { timeout_ms: 100_000 };

function keyOf(data_dir: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${readFileSync(join(data_dir, "admin.key"), "utf8").trim()}` };
}

/** Reports over one connection for as long as it is kept open; returns the numbers that were answered. */
async function reportUntilTold(service: RunningService, data_dir: string): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answered: number[] = [];
  for (let is_kept = true; is_kept; ) {
    const body = JSON.stringify({ title: `report ${answered.length}` });
    const headers = {
      ...keyOf(data_dir),
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    await new Promise<void>((resolve, reject) => {
      const asked = request(`${service.address}/incidents`, { method: "POST", headers, agent }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.once("error", reject);
        response.once("end", () => {
          if (response.statusCode === 201) answered.push(JSON.parse(text).number);
          else reject(new Error(`${response.statusCode}: ${text}`));
          is_kept = response.headers.connection !== "close";
          resolve();
        });
      });
      asked.once("error", reject);
      asked.end(body);
    });
  }
  agent.destroy();
  return answered;
}

it(
  "turns /readyz red and works on while it drains; then it ends streams in order, resets nobody and holds what it answered",
  async () => {
    const data_dir = freshDirectory();
    const service = await startService(data_dir, "--drain-seconds", "3");
    const stream = await openStream(`${service.address}/events/stream?after=0`, keyOf(data_dir));
    const writers = Promise.all([1, 2, 3, 4].map(() => reportUntilTold(service, data_dir)));
    while ((await service.ask("GET", "/ledger/head")).body.position < 30) await sleep(20);
    const ended = service.end("SIGTERM");
    let ready = await service.ask("GET", "/readyz");
    while (ready.status === 200) ready = await service.ask("GET", "/readyz");
    assert.is(ready.status, 503);
    assert.equal(
      [ready.body.status, Reflect.get(ready.body, "service"), Reflect.get(ready.body, "desk")],
      ["unhealthy", "stopping", "ready"],
    );
    assert.is((await service.ask("GET", "/livez")).status, 200);
    assert.is((await service.ask("POST", "/incidents", { title: "while it drains" })).status, 201);
    const answered = (await writers).flat();
    assert.is(await stream.ended, "in order");
    assert.match(String(stream.blocks.at(-1)?.comment), "the service stops");
    assert.is(await ended, 0);
    assert.ok(answered.length > 4);
    const replay = await runCli(["replay", "--json", "--data-dir", data_dir]);
    const { position } = JSON.parse(replay.stdout);
    // The clock may have written after the streams had ended; who resumes learns of it.
    assert.ok(Number(stream.last_id()) <= position);
    const reported = stream.events().flatMap(({ data }) => {
      const event = JSON.parse(data ?? "");
      return event.type === "incident.reported" ? [event.data.number] : [];
    });
    assert.equal(
      answered.filter((number) => !reported.includes(number)),
      [],
    );
  },
  patience,
);

it(
  "ends at once at a second signal, but takes npm's echo of Ctrl-C for the same one",
  async () => {
    const patient = await startService(freshDirectory(), "--drain-seconds", "3600");
    void patient.end("SIGINT");
    await sleep(700);
    assert.is(await patient.end("SIGTERM"), 1);
    assert.match(patient.log(), "SIGTERM came again");
    const echoed = await startService(freshDirectory());
    void echoed.end("SIGINT");
    assert.is(await echoed.end("SIGINT"), 0);
    assert.match(echoed.log(), "Everything that was answered is in the ledger.");
  },
  patience,
);

it(
  "stops in order when it is told so while it starts",
  async () => {
    const data_dir = freshDirectory();
    const starting = beginService(data_dir);
    while (!starting.log().includes("The administrator's key is in")) await sleep(1);
    assert.is(await starting.end("SIGTERM"), 0, starting.log());
    assert.match(starting.log(), "The service stops: SIGTERM.");
    const other = beginService(data_dir);
    await sleep(Math.floor(Math.random() * 1000));
    const code = await other.end("SIGTERM");
    // Before it can listen for signals the system ends it.
    assert.ok(code === 0 || code === null, `${code}: ${other.log()}`);
    assert.is(await (await startService(data_dir)).end("SIGTERM"), 0);
  },
  patience,
);

/**
 * Asks again and again, over a new connection wherever the last one was closed, until the service cannot be reached. Whether a
 * connection over which it had had an answer was cut off. (Of one that was just made nobody can say whether it was taken yet.)
 */
async function isCutOff(address: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const isOver = await new Promise<{ readonly cut: boolean } | null>((resolve) => {
      const asked = request(`${address}/queue`, { headers, agent }, (response) => {
        response.resume().once("end", () => resolve(null));
      });
      asked.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNREFUSED") resolve({ cut: false });
        else resolve(asked.reusedSocket ? { cut: true } : null);
      });
      asked.end();
    });
    if (isOver !== null) return isOver.cut;
    await sleep(Math.random() * 40);
  }
}

it(
  "cuts off nobody whom it has answered, however many come anew all the time",
  async () => {
    for (const drain of ["0", "1"]) {
      const data_dir = freshDirectory();
      const service = await startService(data_dir, "--drain-seconds", drain);
      const asking = Array.from({ length: 20 }, () => isCutOff(service.address, keyOf(data_dir)));
      await sleep(500);
      assert.is(await service.end("SIGTERM"), 0);
      assert.is((await Promise.all(asking)).filter(Boolean).length, 0);
    }
  },
  patience,
);

/** A ledger of more than the system's own buffers hold. */
async function writeMuch(data_dir: string): Promise<number> {
  const ledger = openSqliteLedger({
    file: join(data_dir, "ledger.db"),
    runtime: countedRuntime(),
    checkpointer: false,
  });
  const commits: Commit[] = [opening(), report(2, 1)];
  for (let position = 4; position < 1200; position += 1) {
    commits.push(comment(position, 1, position - 1, `${position} `.padEnd(9000, "x")));
  }
  const { head } = await ledger.append(0, commits);
  await ledger.close();
  return head.position;
}

it(
  "does not wait long for who reads history slowly; who does resumes at the next start, event for event",
  async () => {
    const data_dir = freshDirectory();
    await writeMuch(data_dir);
    const service = await startService(data_dir);
    const slow = await openStream(`${service.address}/events/stream?after=0`, keyOf(data_dir), { is_paused: true });
    await sleep(500);
    assert.is(await service.end("SIGTERM"), 0, service.log());
    slow.resume();
    await slow.ended;
    const again = await startService(data_dir);
    const { position } = (await again.ask("GET", "/ledger/head")).body;
    const rest: EventStream = await openStream(`${again.address}/events/stream`, {
      ...keyOf(data_dir),
      "last-event-id": slow.last_id(),
    });
    await rest.until(() => Number(rest.last_id()) >= position);
    rest.leave();
    assert.ok(slow.events().length > 0 && rest.events().length > 0);
    assert.equal(
      [...slow.events(), ...rest.events()].map(({ id }) => Number(id)),
      Array.from({ length: position }, (_, index) => index + 1),
    );
    assert.is(await again.end("SIGTERM"), 0);
  },
  patience,
);

it("leaves a crash in native code to the system, which ends the process: it must not go on for ever as if it lived", async () => {
  const data_dir = freshDirectory();
  const service = await startService(data_dir);
  assert.is((await service.ask("POST", "/incidents", { title: "answered" })).status, 201);
  assert.is(await service.end("SIGBUS"), null, "the signal killed it");
  assert.is((await runCli(["verify", "--data-dir", data_dir])).code, 0);
});
