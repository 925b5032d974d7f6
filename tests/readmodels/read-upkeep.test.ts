import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { createTables } from "../../src/readmodels/list-schema.ts";
import { ReadUpkeep } from "../../src/readmodels/read-upkeep.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const it = suite("the upkeep of read.db");

const mebibyte = 1_048_576;

function newFile(): { readonly file: string; readonly connection: Database.Database } {
  const file = join(temporaryDirectory(), "read.db");
  const connection = new Database(file);
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = OFF");
  connection.pragma("secure_delete = ON");
  connection.exec(createTables);
  connection.exec("INSERT INTO checkpoint VALUES (1, '', 0, '', 1, 0, 0)");
  return { file, connection };
}

const putState = `INSERT INTO states VALUES (?, ?, 0) ON CONFLICT (number) DO UPDATE SET state = excluded.state`;

/** Numbers from 0 to 1, the same in every run (a linear congruential generator). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Changes states at random, then empties some; returns how many marks of those the file still holds somewhere. */
function leftCopies(seed: number, isScrubbed: boolean): number {
  const { file, connection } = newFile();
  const upkeep = new ReadUpkeep(connection);
  const random = seeded(seed);
  const put = connection.prepare(putState);
  const marks = new Map<number, string[]>();
  let made = 0;
  const change = (number: number): void => {
    made += 1;
    const mark = `<M${String(made).padStart(8, "0")}>`;
    marks.set(number, [...(marks.get(number) ?? []), mark]);
    put.run(number, mark.repeat(1 + Math.floor(random() * random() * 72)));
  };
  const drawn = (): number => 1 + Math.floor(random() * 600);
  const atOnce = (work: () => void) => connection.transaction(work)();
  atOnce(() => {
    for (let number = 1; number <= 600; number += 1) change(number);
  });
  for (let batch = 0; batch < 100; batch += 1) {
    atOnce(() => {
      for (let count = 0; count < 5; count += 1) change(drawn());
    });
  }
  const emptied = new Set<number>();
  for (let count = 0; count < 60; count += 1) {
    const number = drawn();
    emptied.add(number);
    atOnce(() => {
      put.run(number, "");
      if (isScrubbed) upkeep.noteErased();
    });
  }
  upkeep.forgetErased();
  connection.close();
  const bytes = readFileSync(file, "latin1");
  return [...emptied].flatMap((number) => marks.get(number) ?? []).filter((mark) => bytes.includes(mark)).length;
}

it("leaves no copy of what was erased in the gaps of the pages", () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  // Without it there are some: SQLite's secure_delete alone does not do.
  assert.ok(seeds.some((seed) => leftCopies(seed, false) > 0));
  for (const seed of seeds) assert.is(leftCopies(seed, true), 0, `seed ${seed}`);
});

/** Two readers, one of whom always reads: so is the WAL never without a reader. */
const readers = `
  const { parentPort, workerData } = require("node:worker_threads");
  const Database = require("better-sqlite3");
  const connections = [0, 1].map(() => new Database(workerData, { readonly: true }));
  const begin = (connection) => { connection.exec("BEGIN"); connection.prepare("SELECT count(*) FROM states").get(); };
  let turn = 0;
  begin(connections[0]);
  const timer = setInterval(() => {
    turn += 1;
    begin(connections[turn % 2]);
    connections[(turn + 1) % 2].exec("COMMIT");
  }, 20);
  parentPort.on("message", () => { clearInterval(timer); for (const one of connections) one.close(); process.exit(); });
  parentPort.postMessage("reading");
`;

it("keeps the WAL bounded although there is always somebody who reads", async () => {
  const { file, connection } = newFile();
  const upkeep = new ReadUpkeep(connection, { long_wal_bytes: mebibyte });
  const put = connection.prepare(putState);
  put.run(1, "x");
  const worker = new Worker(readers, { eval: true, workerData: file });
  await new Promise((resolve) => worker.once("message", resolve));
  let longest = 0;
  for (let batch = 0; batch < 60; batch += 1) {
    connection.transaction(() => {
      for (let number = 1; number <= 40; number += 1) put.run(number, `${batch}`.padEnd(5000, "y"));
    })();
    upkeep.shortenWal();
    longest = Math.max(longest, statSync(`${file}-wal`).size);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  worker.postMessage("end");
  await ended;
  connection.close();
  // 60 batches are more than 12 MiB.
  assert.ok(longest < 4 * mebibyte, `the WAL had ${longest} bytes`);
});

it("cuts a WAL that grew while somebody held on to it, once they let go", () => {
  const { file, connection } = newFile();
  const upkeep = new ReadUpkeep(connection, { long_wal_bytes: mebibyte, restart_wait_ms: 1 });
  const put = connection.prepare(putState);
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM states").get();
  let written = 0;
  const write = (): void => {
    written += 1;
    connection.transaction(() => {
      for (let number = 1; number <= 40; number += 1) put.run(number, `${written} `.repeat(2000));
    })();
    upkeep.shortenWal();
  };
  for (let batch = 0; batch < 20; batch += 1) write();
  assert.ok(statSync(`${file}-wal`).size > 3 * mebibyte);
  reader.close();
  write();
  write();
  assert.ok(statSync(`${file}-wal`).size <= mebibyte);
  connection.close();
});
