import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import canonicalizeModule from "canonicalize";
import * as assert from "uvu/assert";
import { Board } from "../../projections/board.ts";
import { boardState } from "../../projections/board-state.ts";
import { memoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { commitEnd } from "../../src/ledger/read-commits.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import { positionAt } from "../../src/readmodels/position-at.ts";
import { snapshotFiles, writeSnapshot } from "../../src/readmodels/snapshot-file.ts";
import { loadLatestSnapshot } from "../../src/readmodels/snapshots.ts";
import { canonicalPieces, stateHash } from "../../src/readmodels/state-hash.ts";
import { countedRuntime } from "../support/ledger/example-commits.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { KeptList } from "../support/readmodels/kept-list.ts";
import { RandomHistory, seededRandom } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";

// The package is CommonJS, but its types describe an ES module.
const canonicalize = canonicalizeModule as unknown as (input: unknown) => string;

const it = suite("snapshots of the board");

async function grown(seed: number, commits: number) {
  const ledger = memoryLedger({ runtime: countedRuntime() });
  const history = new RandomHistory(ledger, seed);
  await history.open();
  await history.grow(commits);
  return { ledger, history };
}

async function snapshotOf(data_dir: string, ledger: Awaited<ReturnType<typeof grown>>["ledger"]): Promise<string> {
  const board = await boardAt(ledger);
  const [last] = await ledger.read({ after: board.position - 1 });
  writeSnapshot(data_dir, board, last?.hash ?? "");
  return join(data_dir, "snapshots", `board-${board.position}.json`);
}

it("give the same board, from which the rest is folded as from the start", async () => {
  const data_dir = temporaryDirectory();
  const { ledger, history } = await grown(1, 300);
  await snapshotOf(data_dir, ledger);
  const { position } = history;
  await history.grow(300);
  const from = await loadLatestSnapshot(data_dir, ledger);
  assert.is(from?.position, position);
  assert.is(stateHash(from ?? new Board()), stateHash(await boardAt(ledger, { until: position })));
  const board = await boardAt(ledger, { from });
  assert.is(board.position, history.position);
  assert.is(stateHash(board), stateHash(await boardAt(ledger)));
  assert.equal(boardState(board), boardState(await boardAt(ledger)));
});

it("are each one JSON document, and a ladder of them is kept", async () => {
  const data_dir = temporaryDirectory();
  const { ledger, history } = await grown(2, 50);
  const files: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    files.push(await snapshotOf(data_dir, ledger));
    await history.grow(20);
  }
  assert.is(files.filter((file) => existsSync(file)).length, 16);
  assert.is(readdirSync(join(data_dir, "snapshots")).length, 16);
  assert.equal(files.slice(-2).map(existsSync), [true, true]);
  const document = JSON.parse(readFileSync(files[19] ?? "", "utf8"));
  assert.equal(Object.keys(document), ["format", "rules", "ledger_id", "position", "hash", "state_hash", "state"]);
  assert.is(document.state.position, document.position);
});

it("of a ledger that has gone back go, so that they do not crowd out those that fit", async () => {
  const data_dir = temporaryDirectory();
  const { ledger, history } = await grown(10, 50);
  const first = await snapshotOf(data_dir, ledger);
  for (const position of [100_000, 200_000, 300_000])
    copyFileSync(first, first.replace(/\d+\.json$/, `${position}.json`));
  await history.grow(20);
  const second = await snapshotOf(data_dir, ledger);
  assert.equal(
    snapshotFiles(data_dir).map(({ file }) => file),
    [second, first],
  );
});

it("that were never finished are taken away by whoever began them, and by nobody else", async () => {
  const data_dir = temporaryDirectory();
  const { ledger } = await grown(11, 50);
  const file = await snapshotOf(data_dir, ledger);
  const drafts = [`${file}.tmp`, `${file}.past.tmp`];
  for (const draft of drafts) writeFileSync(draft, "{");
  await snapshotOf(data_dir, ledger);
  assert.equal(drafts.map(existsSync), [false, true]);
  const board = await boardAt(ledger);
  writeSnapshot(data_dir, board, (await ledger.head()).hash, "past");
  assert.equal(drafts.map(existsSync), [false, false]);
});

it("are passed over when they are damaged, foreign or too new; without any the start is the beginning", async () => {
  const data_dir = temporaryDirectory();
  const { ledger, history } = await grown(3, 60);
  const older = await snapshotOf(data_dir, ledger);
  const older_position = history.position;
  await history.grow(60);
  const newer = await snapshotOf(data_dir, ledger);
  const whole = readFileSync(newer, "utf8");
  const loaded = async (): Promise<number | undefined> => (await loadLatestSnapshot(data_dir, ledger))?.position;
  assert.is(await loaded(), history.position);
  assert.is((await loadLatestSnapshot(data_dir, ledger, history.position - 1))?.position, older_position);

  const damages: [string, string][] = [
    ["cut short", whole.slice(0, -10)],
    ["empty", ""],
    ["no JSON", "{"],
    ["another format", whole.replace('"format":1', '"format":2')],
    ["another ledger", whole.replace(/"ledger_id":"0198/, '"ledger_id":"0199')],
    ["another hash", whole.replace(/"hash":"./, '"hash":"z')],
    ["rules that nobody knows", whole.replace(/"rules":1/, '"rules":77')],
    ["another state", whole.replace('"severity":3', '"severity":2')],
    ["another position", whole.replace(/"position":\d+/, '"position":7')],
  ];
  for (const [damage, content] of damages) {
    assert.is.not(content, whole, damage);
    writeFileSync(newer, content);
    assert.is(await loaded(), older_position, damage);
  }
  const random = seededRandom(5);
  for (let round = 0; round < 100; round += 1) {
    const bytes = Buffer.from(whole);
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    writeFileSync(newer, bytes);
    assert.is(await loaded(), older_position, `byte ${at}`);
  }
  rmSync(newer);
  mkdirSync(newer);
  assert.is(await loaded(), older_position);
  writeFileSync(older, "");
  assert.is(await loadLatestSnapshot(data_dir, ledger), null);
  assert.is(await loadLatestSnapshot(join(data_dir, "nowhere"), ledger), null);

  const other = await grown(4, 60);
  const elsewhere = temporaryDirectory();
  await snapshotOf(elsewhere, other.ledger);
  assert.is(await loadLatestSnapshot(elsewhere, ledger), null);
  assert.ok(await loadLatestSnapshot(elsewhere, other.ledger));
});

it("are written by the list's thread when asked, and it goes on from them", async () => {
  const kept = await KeptList.grown(5);
  const list = kept.openThread();
  assert.is(await list.snapshot(), true);
  await list.close();
  assert.equal(
    snapshotFiles(kept.data_dir).map(({ position }) => position),
    [kept.history.position],
  );
  const board = await loadLatestSnapshot(kept.data_dir, kept.ledger);
  assert.is(stateHash(board ?? new Board()), stateHash(await boardAt(kept.ledger)));
  const copy = temporaryDirectory();
  mkdirSync(join(copy, "snapshots"));
  for (const { file } of snapshotFiles(kept.data_dir)) copyFileSync(file, file.replace(kept.data_dir, copy));
  assert.ok(await loadLatestSnapshot(copy, kept.ledger));
});

it("need no more than the state: its hash is over RFC 8785 JSON, keys sorted, nothing left out", async () => {
  const { ledger } = await grown(6, 40);
  const board = await boardAt(ledger);
  const canonical = [...canonicalPieces(boardState(board))].join("");
  assert.is(canonical, canonicalize(boardState(board)));
  assert.equal(JSON.parse(canonical), JSON.parse(JSON.stringify(boardState(board))));
  assert.ok(canonical.startsWith('{"agenda":['));
  assert.match(stateHash(board), /^[0-9a-f]{64}$/);
});

const folding = suite("the board of a position");

folding("is folded up to the end of the commit in which the position is", async () => {
  const { ledger, history } = await grown(7, 80);
  const events = await ledger.read({});
  for (const event of events.slice(0, 200)) {
    const board = await boardAt(ledger, { until: event.position });
    assert.is(board.position, commitEnd(event));
  }
  assert.is((await boardAt(ledger, { until: 1_000_000 })).position, history.position);
  assert.is((await boardAt(ledger, { until: 0 })).position, 0);
});

folding("is told of while it is being folded, and stops at the head noted at the start", async () => {
  const { ledger, history } = await grown(8, 1500);
  const head = history.position;
  const told: [number, number][] = [];
  const folded = boardAt(ledger, { onProgress: (position, until) => told.push([position, until]) });
  await history.grow(10);
  assert.is((await folded).position, head);
  assert.ok(told.length >= 2);
  assert.equal(told.at(-1), [head, head]);
});

folding("is found by time: the last commit at or before it", async () => {
  const { ledger } = await grown(9, 60);
  const events = await ledger.read({});
  for (const event of events) {
    const last = events.filter((other) => other.recorded_at <= event.recorded_at).at(-1);
    assert.is(await positionAt(ledger, event.recorded_at), last?.position);
  }
  assert.is(await positionAt(ledger, "1999-01-01T00:00:00.000Z"), 0);
  assert.is(await positionAt(ledger, "2999-01-01T00:00:00.000Z"), events.at(-1)?.position);
});
