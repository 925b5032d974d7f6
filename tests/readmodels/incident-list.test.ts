import * as assert from "uvu/assert";
import type { ListedIncident } from "../../projections/incident-list.ts";
import { memoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { readCommits } from "../../src/ledger/read-commits.ts";
import { IncidentList } from "../../src/readmodels/incident-list.ts";
import { ListConnection } from "../../src/readmodels/list-connection.ts";
import { InvalidCursor } from "../../src/readmodels/list-cursor.ts";
import { foldIntoList } from "../../src/readmodels/list-fold.ts";
import { type Page, readPage } from "../../src/readmodels/list-page.ts";
import { type ListQuery, listSorts } from "../../src/readmodels/list-query.ts";
import { ReadDatabase } from "../../src/readmodels/read-database.ts";
import { countedRuntime } from "../support/ledger/example-commits.ts";
import { filters } from "../support/readmodels/example-filters.ts";
import { expectedNumbers, expectedRank, freshFold } from "../support/readmodels/fresh-fold.ts";
import { RandomHistory } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";

const it = suite("the list of incidents");

async function randomList(seed: number, commits: number) {
  const ledger = memoryLedger({ runtime: countedRuntime() });
  const history = new RandomHistory(ledger, seed);
  await history.open();
  await history.grow(commits);
  const list = IncidentList.inMemory(ledger);
  return { ledger, history, list };
}

function numbersOf(page: Page): number[] {
  return page.rows.map(({ incident }) => incident.number);
}

/** Reads a query page by page to its end. */
async function readAll(list: IncidentList, query: ListQuery): Promise<number[]> {
  const numbers: number[] = [];
  let cursor: string | null = null;
  do {
    const page = await list.page({ ...query, ...(cursor === null ? {} : { cursor }) });
    numbers.push(...numbersOf(page));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return numbers;
}

it("equals a fresh fold of any history, erased texts and deleted incidents included", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { ledger, history, list } = await randomList(seed, 300);
    for (let round = 0; round < 4; round += 1) {
      const fresh = await freshFold(ledger);
      const page = await list.page({ sort: "number", limit: 1000 });
      assert.equal(
        page.rows.map(({ incident, texts, measures }): ListedIncident => ({ incident, texts, measures })),
        fresh,
        `seed ${seed}`,
      );
      assert.is(page.position, history.position);
      await history.grow(60);
    }
    await list.close();
  }
});

it("answers every filter in every order as a plain filter and sort do", async () => {
  const { ledger, list } = await randomList(7, 900);
  const fresh = await freshFold(ledger);
  assert.ok(fresh.length > 150, `${fresh.length} incidents`);
  for (const filter of filters) {
    for (const sort of listSorts) {
      const expected = expectedNumbers(fresh, { ...filter, sort });
      const name = JSON.stringify({ ...filter, sort });
      assert.equal(await readAll(list, { ...filter, sort, limit: 17 }), expected, name);
      const page = await list.page({ ...filter, sort, limit: 3, count: true });
      assert.is(page.total, expected.length, name);
    }
  }
});

it("answers them alike where there are too many rows to look at all of them at once", async () => {
  const ledger = memoryLedger({ runtime: countedRuntime() });
  const history = new RandomHistory(ledger, 8);
  await history.open();
  await history.grow(900);
  const database = ReadDatabase.create(":memory:");
  for await (const events of readCommits(ledger, { after: 0, until: history.position })) {
    await foldIntoList(database, ledger, events);
  }
  database.complete();
  const connection = new ListConnection(database.connection);
  const fresh = await freshFold(ledger);
  for (const limits of [
    { sortable_rows: 0, window_rows: 13 },
    { sortable_rows: 20, window_rows: 1 },
    { sortable_rows: 3, window_rows: 1000 },
  ]) {
    for (const filter of filters) {
      for (const sort of listSorts) {
        const expected = expectedNumbers(fresh, { ...filter, sort });
        const name = JSON.stringify({ ...filter, sort, ...limits });
        const whole = await readPage(connection, { ...filter, sort, limit: 1000, count: true }, limits);
        assert.equal(numbersOf(whole), expected, name);
        assert.is(whole.total, expected.length, name);
        const first = await readPage(connection, { ...filter, sort, limit: 9 }, limits);
        if (first.next_cursor === null) continue;
        const second = await readPage(connection, { ...filter, sort, limit: 9, cursor: first.next_cursor }, limits);
        assert.equal([...numbersOf(first), ...numbersOf(second)], expected.slice(0, 18), name);
      }
    }
  }
});

it("gives the place in the queue of each pending incident, and of no other", async () => {
  const { ledger, list } = await randomList(11, 600);
  const fresh = await freshFold(ledger);
  const page = await list.page({ limit: 1000 });
  for (const { incident, queue_position } of page.rows) assert.is(queue_position, expectedRank(fresh, incident));
  assert.ok(page.rows.some(({ queue_position }) => queue_position === 1));
});

it("goes on where a page ended while incidents come, change and go", async () => {
  const { history, list } = await randomList(13, 200);
  const whole = await readAll(list, { sort: "number", limit: 1000 });
  const page = await list.page({ sort: "number", limit: 10 });
  const [, , third] = page.rows;
  const stream = `incident/${third?.incident.number}`;
  await history.append([{ type: "incident.deleted", stream, data: {} }]);
  await history.append(history.report());
  const next = await list.page({ sort: "number", limit: 10, cursor: page.next_cursor ?? "" });
  assert.equal(
    next.rows.map(({ incident }) => incident.number),
    whole.slice(10, 20),
  );
  const gone = await list.page({ sort: "number", limit: 10 });
  assert.not.ok(gone.rows.some(({ incident }) => incident.number === third?.incident.number));
});

it("refuses a cursor that is malformed, or of another order or filter", async () => {
  const { list } = await randomList(17, 100);
  const query: ListQuery = { sort: "severity", team: "network", limit: 2 };
  const { next_cursor } = await list.page(query);
  const cursor = next_cursor ?? "";
  assert.is((await list.page({ ...query, limit: 5, cursor })).rows.length > 0, true);
  const foreign: ListQuery[] = [
    { ...query, cursor: "x" },
    { ...query, cursor: "" },
    { ...query, cursor: Buffer.from('["a",1,2,3]').toString("base64url") },
    { ...query, cursor: Buffer.from("{}").toString("base64url") },
    { ...query, sort: "-severity", cursor },
    { ...query, sort: "number", cursor },
    { ...query, team: "payments", cursor },
    { ...query, severity: [1], cursor },
  ];
  for (const each of foreign) {
    const error = await list.page(each).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, InvalidCursor, JSON.stringify(each));
  }
});
