import * as assert from "uvu/assert";
import { PastUnavailable } from "../../src/readmodels/past.ts";
import { PastInProcess } from "../../src/readmodels/past-in-process.ts";
import { PastThread } from "../../src/readmodels/past-thread.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { KeptList } from "../support/readmodels/kept-list.ts";
import { suite } from "../support/suite.ts";

const it = suite("the thread that reads the past");

async function opened(seed: number) {
  const kept = await KeptList.grown(seed, 150);
  const { data_dir, ledger_file } = kept;
  const runtime = new FakeRuntime();
  const faults: string[] = [];
  const past = new PastThread({ data_dir, ledger_file, runtime, onFault: (fault) => faults.push(fault) });
  return { kept, runtime, faults, past, here: new PastInProcess({ ledger: kept.ledger }) };
}

const reasonOf = async (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => "none",
    (error: unknown) => (error instanceof PastUnavailable ? error.reason : String(error)),
  );

it("answers as the calling thread would, and runs only from the first question on", async () => {
  const { kept, past, here } = await opened(21);
  assert.not(past.isRunning);
  const ends = (await kept.ledger.read({})).filter(({ meta }) => meta.offset === meta.events - 1);
  const { position = 0 } = ends[Math.floor(ends.length / 2)] ?? {};
  const query = { team: "network", after: null, limit: 1000 };
  assert.equal(await past.board(position, "queue", query), await here.board(position, "queue", query));
  assert.ok(past.isRunning);
  const handlers = { team: null, after: 0, limit: 10 };
  assert.equal(await past.board(position, "handlers", handlers), await here.board(position, "handlers", handlers));
  assert.is(await past.board(position, "team", { team: "nowhere" }), null);
  const numbers = [3, 1, 2, 999];
  assert.equal(await past.texts(position, numbers), await here.texts(position, numbers));
  const positions = ends.slice(-30).map((event) => event.position);
  assert.equal(await past.alternatives(positions), await here.alternatives(positions));
  assert.equal([await past.texts(position, []), await past.alternatives([])], [[], []]);
  await past.close();
});

it("ends when nobody has asked for long, and starts again with the next question", async () => {
  const { past, runtime, faults } = await opened(22);
  const ask = () => past.board(2, "team", { team: "default" });
  const first = await ask();
  await runtime.pass(599_000);
  assert.ok(past.isRunning);
  await ask();
  await runtime.pass(599_000);
  assert.ok(past.isRunning);
  await runtime.pass(2000);
  assert.not(past.isRunning);
  assert.equal(await ask(), first);
  assert.equal(faults, []);
  await past.close();
});

it("takes only so many questions at a time, and sends everybody away when it is closed", async () => {
  const { past } = await opened(23);
  const answers = Array.from({ length: 65 }, () => reasonOf(past.board(2, "team", { team: "default" })));
  assert.is(await answers[64], "busy");
  const closed = past.close();
  assert.equal([...new Set(await Promise.all(answers.slice(0, 64)))], ["closed"]);
  await closed;
  assert.is(await reasonOf(past.texts(2, [1])), "closed");
  await past.close();
});

it("says so when it fails, and answers the next question", async () => {
  const { past, faults, kept } = await opened(24);
  const failure = await reasonOf(past.board(2, "nothing" as "team", { team: "default" }));
  assert.match(failure, "TypeError");
  assert.ok(await past.board(2, "team", { team: "default" }));
  assert.equal(faults, []);
  await past.close();

  const ledger_file = `${kept.ledger_file}.not-there`;
  const broken = new PastThread({
    data_dir: kept.data_dir,
    ledger_file,
    runtime: new FakeRuntime(),
    onFault: (fault) => faults.push(fault),
  });
  assert.is(await reasonOf(broken.board(2, "team", { team: "default" })), "failing");
  assert.match(faults.join(), /The thread that reads the past failed \(.*not-there/);
  await broken.close();
});
