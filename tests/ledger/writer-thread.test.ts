import { join } from "node:path";
import * as assert from "uvu/assert";
import { InvalidCommit } from "../../src/ledger/ledger-errors.ts";
import { openSqliteLedger, type SqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { WriterThread } from "../../src/ledger/sqlite/writer-thread.ts";
import { chainFault, failureOf } from "../support/ledger/contract.ts";
import {
  comment,
  countedRuntime,
  erasure,
  headOf,
  instantOf,
  opening,
  report,
  timePassed,
  uuidOf,
} from "../support/ledger/example-commits.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const it = suite("a ledger that a thread of its own writes");

async function opened(writer_thread: boolean): Promise<SqliteLedger> {
  const file = join(temporaryDirectory(), "ledger.db");
  const ledger = openSqliteLedger({ file, runtime: countedRuntime(), writer_thread });
  await ledger.whenThreadWrites();
  return ledger;
}

const record = {
  scope: "admin",
  key: "k",
  fingerprint: "00",
  status: 201,
  stream: "incident/1",
  version: 2,
  position: 4,
  queue_position: 1,
  recorded_at: instantOf(2),
};

it("writes byte for byte what the caller's thread would, texts, erasures and keys included", async () => {
  const written = await Promise.all(
    [false, true].map(async (writer_thread) => {
      const ledger = await opened(writer_thread);
      await ledger.append(0, [opening()]);
      await ledger.append(2, [{ ...report(2, 1, "Überlauf 🔥"), idempotency: record }, report(4, 2)]);
      await ledger.append(6, [comment(6, 1, 3, "it smokes")]);
      await ledger.append(7, [erasure(7, 7, 1, 4), timePassed(8, 2)]);
      await ledger.whenErased();
      assert.is(await chainFault(ledger), null);
      const found = {
        events: await ledger.readStored(0, 100),
        head: await ledger.head(),
        key: await ledger.idempotencyOf("admin", "k", ""),
      };
      await ledger.close();
      return found;
    }),
  );
  assert.is(written[0]?.events.length, 9);
  assert.is(written[0]?.events[6]?.text, null);
  assert.equal(written[0]?.key, record);
  assert.equal(written[1], written[0]);
});

it("refuses with the same error, and writes nothing where the head has moved", async () => {
  const ledger = await opened(true);
  await ledger.append(0, [opening()]);
  headOf(await ledger.append(2, [report(2, 1)]));
  const failure = await failureOf(ledger.append(4, [{ ...report(4, 2), ...again(report(4, 2)) }]));
  assert.instance(failure, InvalidCommit);
  assert.match(failure.message, /is in the ledger already/);
  const result = await ledger.append(2, [report(2, 3)]);
  assert.is(result.appended, false);
  assert.is(result.head.position, 4);
  headOf(await ledger.append(4, [report(4, 2)]));
  assert.is(await chainFault(ledger), null);
  await ledger.close();
});

/** The commit, under the id of the first report's command. */
function again({ events }: ReturnType<typeof report>) {
  const command_id = uuidOf(2_000_001);
  return { command_id, events: events.map((event) => ({ ...event, command_id })) };
}

it("forgets, probes, is opened anew, and hands in what is under way before it closes", async () => {
  const ledger = await opened(true);
  await ledger.append(0, [opening()]);
  await ledger.append(2, [{ ...report(2, 1), idempotency: record }]);
  assert.is(await ledger.forgetIdempotency(instantOf(3)), 1);
  await ledger.probe();
  await ledger.reopen();
  await ledger.whenThreadWrites();
  const underWay = ledger.append(4, [report(4, 2)]);
  await ledger.close();
  headOf(await underWay);
  await ledger.reopen();
  assert.is((await ledger.head()).position, 6);
  await ledger.close();
});

it("says why it is lost where it cannot open the file, and asks nothing of it any more", async () => {
  const thread = new WriterThread({ file: join(temporaryDirectory(), "none", "x".repeat(300)), pragmas: [] });
  const underWay = failureOf(thread.probe());
  await thread.whenBegun();
  assert.is(thread.isReady, false);
  assert.match((await underWay).message, /The thread that writes the ledger has ended: .* cannot be opened/);
  assert.match((await failureOf(thread.forget(instantOf(1)))).message, /has ended/);
  await thread.close();
});

it("passes on what the storage says, with its code", async () => {
  const file = join(temporaryDirectory(), "ledger.db");
  await openSqliteLedger({ file, runtime: countedRuntime() }).close();
  const thread = new WriterThread({ file, busy_timeout_ms: undefined, pragmas: ["query_only = ON"] });
  await thread.whenBegun();
  const failure = await failureOf(thread.probe());
  assert.is((failure as NodeJS.ErrnoException).code, "SQLITE_READONLY");
  await thread.close();
});
