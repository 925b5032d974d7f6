import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { Board } from "../../projections/board.ts";
import { memoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { commitEnd } from "../../src/ledger/read-commits.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import { PastBoards } from "../../src/readmodels/past-boards.ts";
import { snapshotFiles, snapshotsDirectory, writeSnapshot } from "../../src/readmodels/snapshot-file.ts";
import { stateHash } from "../../src/readmodels/state-hash.ts";
import { foldEvent } from "../../src/rules/rules.ts";
import { countedRuntime } from "../support/ledger/example-commits.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { RandomHistory, seededRandom } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";

const it = suite("boards of the past");

async function grown(seed: number, commits: number) {
  const ledger = memoryLedger({ runtime: countedRuntime() });
  const history = new RandomHistory(ledger, seed);
  await history.open();
  await history.grow(commits);
  return { ledger, history };
}

type Grown = Awaited<ReturnType<typeof grown>>;

/** The ledger, and how many events were read from it. */
function counting({ ledger }: Grown) {
  const counted = { events: 0 };
  const read: Grown["ledger"]["read"] = async (filter) => {
    const page = await ledger.read(filter);
    counted.events += page.length;
    return page;
  };
  return { counted, ledger: Object.assign(Object.create(ledger), { read }) as Grown["ledger"] };
}

const endsOf = async ({ ledger }: Grown): Promise<number[]> => [...new Set((await ledger.read({})).map(commitEnd))];

it("are the fold of the prefix, in whatever order and however many at a time they are asked for", async () => {
  const place = await grown(1, 250);
  const ends = await endsOf(place);
  const wanted = new Map<number, string>();
  for (const end of ends) wanted.set(end, stateHash(await boardAt(place.ledger, { until: end })));
  const boards = new PastBoards({ ledger: place.ledger });
  const random = seededRandom(1);
  const order = [...ends, ...ends].sort(() => random() - 0.5);
  const all = await Promise.all(order.map(async (end) => [end, stateHash(await boards.at(end))] as const));
  for (const [end, hash] of all) assert.is(hash, wanted.get(end), `position ${end}`);
});

it("begin at the nearest snapshot, or the nearest board that is kept; damaged and missing snapshots are no matter", async () => {
  const place = await grown(2, 400);
  const data_dir = temporaryDirectory();
  const ends = await endsOf(place);
  const at = (share: number): number => ends[Math.floor(ends.length * share)] ?? 0;
  for (const share of [0.3, 0.6]) {
    const board = await boardAt(place.ledger, { until: at(share) });
    const [last] = await place.ledger.read({ after: board.position - 1, limit: 1 });
    writeSnapshot(data_dir, board, last?.hash ?? "", "past");
  }
  const { ledger, counted } = counting(place);
  const cost = async (boards: PastBoards, position: number): Promise<number> => {
    counted.events = 0;
    assert.is(stateHash(await boards.at(position)), stateHash(await boardAt(place.ledger, { until: position })));
    return counted.events;
  };
  const boards = new PastBoards({ ledger, data_dir });
  assert.ok((await cost(boards, at(0.65))) <= at(0.65) - at(0.6) + 2, "from the second snapshot");
  assert.ok((await cost(boards, at(0.35))) <= at(0.35) - at(0.3) + 2, "from the first snapshot");
  assert.is(await cost(boards, at(0.65)), 0, "kept");
  assert.ok((await cost(boards, at(0.66))) <= at(0.66) - at(0.65), "from the kept board");
  assert.ok((await cost(boards, at(0.2))) >= at(0.2), "from the beginning");
  const [newer, older] = snapshotFiles(data_dir);
  writeFileSync(newer?.file ?? "", "{");
  assert.ok((await cost(new PastBoards({ ledger, data_dir }), at(0.65))) >= at(0.65) - at(0.3));
  rmSync(older?.file ?? "");
  assert.ok((await cost(new PastBoards({ ledger, data_dir }), at(0.65))) >= at(0.65));
  rmSync(snapshotsDirectory(data_dir), { recursive: true });
  assert.ok((await cost(new PastBoards({ ledger, data_dir }), at(0.65))) >= at(0.65));
  writeFileSync(join(data_dir, "snapshots"), "a file in the place of the directory");
  assert.ok((await cost(new PastBoards({ ledger, data_dir }), at(0.65))) >= at(0.65));
});

it("just before an event hold the earlier events of its commit, and leave the kept boards as they are", async () => {
  const place = await grown(3, 120);
  const boards = new PastBoards({ ledger: place.ledger });
  const board = new Board();
  for (const event of await place.ledger.read({})) {
    const before = await boards.before(event);
    assert.is(before.position, event.position - 1);
    assert.is(stateHash(before), stateHash(board));
    assert.equal(event.meta.offset === 0 ? null : before.scratch, event.meta.offset === 0 ? null : board.scratch);
    foldEvent(board, event);
    board.beside.clear();
  }
});

it("are not kept beyond a bound", async () => {
  const place = await grown(4, 60);
  const ends = await endsOf(place);
  const { ledger, counted } = counting(place);
  const boards = new PastBoards({ ledger });
  for (const end of ends.slice(0, 20)) await boards.at(end);
  counted.events = 0;
  await boards.at(ends[19] ?? 0);
  assert.is(counted.events, 0);
  await boards.at(ends[3] ?? 0);
  assert.ok(counted.events > 0);
});

it("go on after a fold that failed", async () => {
  const place = await grown(5, 60);
  const ledger: Grown["ledger"] = Object.assign(Object.create(place.ledger), {
    read: (filter: Parameters<Grown["ledger"]["read"]>[0]) =>
      is_broken ? Promise.reject(new Error("the disk is gone")) : place.ledger.read(filter),
  });
  let is_broken = true;
  const [, , end = 0] = await endsOf(place);
  const boards = new PastBoards({ ledger });
  for (let time = 0; time < 2; time += 1) {
    const failure = await boards.at(end).then(() => null, String);
    assert.match(failure ?? "", "the disk is gone");
  }
  is_broken = false;
  assert.is((await boards.at(end)).position, end);
});
