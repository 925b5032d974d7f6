import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { filesHolding, secretText } from "../support/leftovers.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { type RunningService, startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("an erased text");

/** Several starts of a service, on a machine that may be busy. */
const limit = { timeout_ms: 110_000 };

const mark = "zqforgetmexj";
const kept = "zqkeepmexj";

/** An incident that is full of texts: long ones, and one in every place there is. */
async function report(service: RunningService): Promise<number> {
  const ask = async (method: string, path: string, sent: unknown) => {
    const { status, body } = await service.ask(method, path, sent);
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
    return body;
  };
  const { number } = await ask("POST", "/incidents", {
    title: secretText(mark, 200),
    description: secretText(mark, 60_000),
    reported_by: secretText(mark, 100),
    links: [{ href: `https://example.com/${mark}`, text: secretText(mark, 300) }],
  });
  for (const characters of [30, 900, 3900, 9900]) {
    await ask("POST", `/incidents/${number}/comments`, { text: secretText(mark, characters) });
  }
  await ask("PATCH", `/incidents/${number}`, { description: secretText(mark, 5000), reason: secretText(mark, 50) });
  await ask("POST", `/incidents/${number}/resolve`, { resolution: secretText(mark, 2000) });
  return number;
}

/** Others who report, comment, change and read as fast as they can, until they are told to stop. */
function crowd(service: RunningService): () => Promise<void> {
  let isOver = false;
  const work = async (offset: number): Promise<void> => {
    for (let turn = offset; !isOver; turn += 1) {
      try {
        const { body } = await service.ask("POST", "/incidents", { title: secretText(kept, 50 + (turn % 7) * 300) });
        await service.ask("POST", `/incidents/${body.number}/comments`, {
          text: secretText(kept, (turn % 5) * 900 + 5),
        });
        await service.ask("PATCH", `/incidents/${body.number}`, { description: secretText(kept, (turn % 9) * 400) });
        await service.ask("GET", "/incidents?limit=20");
        await service.ask("GET", `/incidents/${body.number}/timeline`);
      } catch {
        return;
      }
    }
  };
  const workers = [work(0), work(3)];
  return async () => {
    isOver = true;
    await Promise.all(workers);
  };
}

async function verifies(data_dir: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(["verify", "--data-dir", data_dir]);
  assert.is(code, 0, stdout + stderr);
  return stdout;
}

/** Waits until it holds; says what there was instead where it does not in time. */
async function eventually(condition: () => readonly string[]): Promise<void> {
  for (let tries = 0; tries < 100 && condition().length > 0; tries += 1) await sleep(100);
  assert.equal(condition(), []);
}

const left = (data_dir: string) => () => filesHolding(data_dir, [mark]);

it(
  "is in no file of the data directory when that is answered, whatever else goes on",
  async () => {
    const data_dir = freshDirectory();
    const service = await startService(data_dir, "--log-level", "debug");
    const stop = crowd(service);
    try {
      for (let round = 0; round < 3; round += 1) {
        const number = await report(service);
        await service.ask("GET", "/incidents?limit=5");
        assert.not.equal(filesHolding(data_dir, [mark]), []);
        if (round === 1) await service.ask("DELETE", `/incidents/${number}`, { reason: secretText(mark, 400) });
        const { status, body } = await service.ask("POST", `/incidents/${number}/redact`, { all: true });
        assert.is(status, 200, JSON.stringify(body));
        assert.equal(filesHolding(data_dir, [mark]), [], `round ${round}`);
      }
    } finally {
      await stop();
    }
    assert.not.match(service.log(), mark);
    assert.is(await service.end("SIGKILL"), null);
    assert.equal(filesHolding(data_dir, [mark]), []);
    assert.not.equal(filesHolding(data_dir, [kept]), []);
    assert.match(await verifies(data_dir), /erased {5}22 texts\n/);
  },
  limit,
);

it(
  "is gone soon after the next start where the service was killed while it was being erased",
  async () => {
    const data_dir = freshDirectory();
    let service = await startService(data_dir);
    for (const delay_ms of [0, 15]) {
      const number = await report(service);
      await service.ask("GET", "/incidents?limit=5");
      const answer = service.ask("POST", `/incidents/${number}/redact`, { all: true }).catch(() => null);
      await sleep(delay_ms);
      await service.end("SIGKILL");
      await answer;
      service = await startService(data_dir);
      const { body } = await service.ask("GET", `/events?type=text.erased&incident=${number}`);
      const { events } = body as unknown as { events: unknown[] };
      // All of them, or none: then it is asked for again.
      if (events.length === 0) await service.ask("POST", `/incidents/${number}/redact`, { all: true });
      else assert.is(events.length, 7);
      await eventually(left(data_dir));
    }
    await service.end("SIGTERM");
    assert.equal(filesHolding(data_dir, [mark]), []);
    await verifies(data_dir);
  },
  limit,
);

it(
  "is gone as soon as whoever has the files open lets go of what they read",
  async () => {
    const data_dir = freshDirectory();
    const service = await startService(data_dir);
    const number = await report(service);
    await service.ask("GET", "/incidents?limit=5");
    const readers = ["ledger.db", "read.db"].map((file) => new Database(join(data_dir, file), { readonly: true }));
    for (const reader of readers) reader.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
    let isAnswered = false;
    const answer = service.ask("POST", `/incidents/${number}/redact`, { all: true }).finally(() => {
      isAnswered = true;
    });
    await sleep(600);
    assert.is(isAnswered, false, "the answer waits");
    // The incident shows it gone at once.
    const { body } = await service.ask("GET", `/incidents/${number}`);
    assert.not.match(JSON.stringify(body), mark);
    assert.not.equal(filesHolding(data_dir, [mark]), []);
    for (const reader of readers) reader.close();
    const { status } = await answer;
    assert.is(status, 200);
    assert.equal(filesHolding(data_dir, [mark]), []);
    await service.end("SIGTERM");
  },
  limit,
);
