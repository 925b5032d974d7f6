import * as assert from "uvu/assert";
import { incidentStream } from "../../../events/stream.ts";
import { memoryLedger } from "../../../src/ledger/memory/memory-ledger.ts";
import { readCommits } from "../../../src/ledger/read-commits.ts";
import { IncidentList } from "../../../src/readmodels/incident-list.ts";
import { ListConnection } from "../../../src/readmodels/list-connection.ts";
import { InvalidCursor } from "../../../src/readmodels/list-cursor.ts";
import { foldIntoList } from "../../../src/readmodels/list-fold.ts";
import { readPage } from "../../../src/readmodels/list-page.ts";
import { listLimits } from "../../../src/readmodels/list-plan.ts";
import { type ListQuery, type ListSort, listSorts } from "../../../src/readmodels/list-query.ts";
import { ReadDatabase } from "../../../src/readmodels/read-database.ts";
import { parseSearch, type Search } from "../../../src/readmodels/search/search-query.ts";
import { countedRuntime } from "../../support/ledger/example-commits.ts";
import { filters } from "../../support/readmodels/example-filters.ts";
import { expectedRank, freshComments } from "../../support/readmodels/expected-search.ts";
import { expectedNumbers, freshFold } from "../../support/readmodels/fresh-fold.ts";
import { RandomHistory } from "../../support/readmodels/random-history.ts";
import { suite } from "../../support/suite.ts";

const it = suite("searching the list");

const typed: readonly string[] = [
  "the",
  "THE server",
  "check",
  "c",
  "checkout -checked",
  '"the server"',
  '"server the the"',
  '"the server" disk -full',
  "storung",
  "СЕРВЕРА",
  "с",
  "東京",
  "京",
  "都",
  "東京都",
  "京都 -東京",
  "the -京",
  "東京障",
  "db-01.example",
  "db-01.exa",
  '"db-01.exa"',
  "example-com",
  "istanbul ελλαδασ",
  "incident",
  "incident 1",
  "e-mail -out",
  "rare",
  "nothing-has-this",
];

const limits_of_tests = [
  listLimits,
  { sortable_rows: 0, window_rows: 13 },
  { sortable_rows: 20, window_rows: 50 },
] as const;

function searchFor(text: string): Search {
  const search = parseSearch(text);
  if (search === null) throw new Error(`${text} is no search`);
  return search;
}

async function grown(seed: number, commits: number) {
  const ledger = memoryLedger({ runtime: countedRuntime() });
  const history = new RandomHistory(ledger, seed);
  await history.open();
  await history.grow(commits);
  return { ledger, history };
}

type Grown = Awaited<ReturnType<typeof grown>>;

/** A list of the ledger; `live` of its events were folded when it could be asked already. */
async function fold({ ledger, history }: Grown, live: boolean, batch_commits = 40): Promise<ListConnection> {
  const database = ReadDatabase.create(":memory:");
  const after = live ? Math.floor(history.position / 3) : history.position;
  let batch: Awaited<ReturnType<typeof ledger.read>> = [];
  let commits = 0;
  for await (const events of readCommits(ledger, { after: 0, until: history.position })) {
    batch = [...batch, ...events];
    commits += 1;
    if (commits % batch_commits > 0 && (batch.at(-1)?.position ?? 0) < history.position) continue;
    await foldIntoList(database, ledger, batch);
    if (!database.checkpoint.complete && database.checkpoint.position >= after) database.complete();
    batch = [];
  }
  return new ListConnection(database.connection);
}

/** What each search must find, by number, with its rank. */
async function expectations({ ledger }: Grown) {
  const [all, comments] = [await freshFold(ledger), await freshComments(ledger)];
  return (text: string, filter: Omit<ListQuery, "limit">, sort: ListSort): number[] => {
    const search = searchFor(text);
    const ranks = new Map<number, number>();
    for (const listed of all) {
      const { number } = listed.incident;
      const rank = expectedRank(listed, comments.get(number) ?? [], search);
      if (rank !== null) ranks.set(number, rank);
    }
    const numbers = expectedNumbers(all, { ...filter, sort: sort === "relevance" ? "-number" : sort });
    const found = numbers.filter((number) => ranks.has(number));
    if (sort === "relevance") found.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || b - a);
    return found;
  };
}

async function readAll(connection: ListConnection, query: ListQuery, limits = listLimits): Promise<number[]> {
  const numbers: number[] = [];
  let cursor: string | null = null;
  do {
    const page = await readPage(connection, { ...query, ...(cursor === null ? {} : { cursor }) }, limits);
    numbers.push(...page.rows.map(({ incident }) => incident.number));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return numbers;
}

it("finds what a plain reading of all texts finds, in its order, whether it was folded before or while in use", async () => {
  for (const [seed, live] of [
    [1, false],
    [2, true],
    [3, true],
  ] as const) {
    const example = await grown(seed, 500);
    const connection = await fold(example, live);
    const expected = await expectations(example);
    for (const text of typed) {
      const numbers = expected(text, {}, "relevance");
      assert.equal(await readAll(connection, { search: searchFor(text), limit: 7 }), numbers, `${text}, seed ${seed}`);
    }
    assert.ok(expected("the", {}, "relevance").length > 50);
    assert.ok(expected("東京都", {}, "relevance").length > 5);
  }
});

it("combines with every filter and every order, and counts, however few rows are looked at in one go", async () => {
  const example = await grown(4, 500);
  const connection = await fold(example, true);
  const expected = await expectations(example);
  for (const text of ["the", "check -full", '"the server"', "京"]) {
    const search = searchFor(text);
    for (const filter of filters) {
      for (const sort of [...listSorts, "relevance"] as const) {
        const numbers = expected(text, filter, sort);
        const name = JSON.stringify({ text, ...filter, sort });
        for (const limits of limits_of_tests) {
          const query = { ...filter, search, sort };
          const page = await readPage(connection, { ...query, limit: 9, count: true }, limits);
          assert.is(page.total, numbers.length, name);
          assert.equal(
            page.rows.map(({ incident }) => incident.number),
            numbers.slice(0, 9),
            name,
          );
        }
        assert.equal(await readAll(connection, { ...filter, search, sort, limit: 50 }), numbers, name);
      }
    }
  }
});

it("looks into every block of many incidents", async () => {
  const example = await grown(5, 10);
  const numbers: number[] = [];
  for (let reported = 0; reported < 9000; reported += 1000) {
    const reports = Array.from({ length: 1000 }, (_, index) => {
      const title = `many ${index === 500 ? "needles" : "straws"}`;
      return example.history.report({}, { title, description: "hay" }).slice(0, 1);
    });
    await example.history.append(reports.flat());
    numbers.unshift(example.history.incidents - 499);
  }
  const connection = await fold(example, true, 1);
  assert.equal(await readAll(connection, { search: searchFor("many needle"), limit: 4 }), numbers);
  const page = await readPage(connection, { search: searchFor("hay"), limit: 1, count: true });
  assert.is(page.total, 9000);
});

it("goes on where a page ended while incidents come, change and go", async () => {
  const { ledger, history } = await grown(6, 10);
  for (let made = 0; made < 20; made += 1) await history.append(history.report({}, { title: "a pump fails" }));
  const list = IncidentList.inMemory(ledger);
  const query: ListQuery = { search: searchFor("pump"), limit: 5 };
  const numbersOf = async (cursor?: string | null) => {
    const page = await list.page(typeof cursor === "string" ? { ...query, cursor } : query);
    return { numbers: page.rows.map(({ incident }) => incident.number), cursor: page.next_cursor };
  };
  const before = await readNumbers(list, query);
  const first = await numbersOf();
  assert.equal(first.numbers, before.slice(0, 5));
  await history.append([{ type: "incident.deleted", stream: incidentStream(before[2] ?? 0), data: {} }]);
  await history.append(history.report({}, { title: "another pump" }));
  const second = await numbersOf(first.cursor);
  assert.equal(second.numbers, before.slice(5, 10));
  assert.is((await readNumbers(list, query)).includes(before[2] ?? 0), false);
});

async function readNumbers(list: IncidentList, query: ListQuery): Promise<number[]> {
  const page = await list.page({ ...query, limit: 1000 });
  return page.rows.map(({ incident }) => incident.number);
}

it("finds what was written at once, and not what is not there any more", async () => {
  const { ledger, history } = await grown(7, 10);
  const list = IncidentList.inMemory(ledger);
  await history.append(history.report({}, { title: "The pump fails", description: "water everywhere" }));
  const number = history.incidents;
  const stream = incidentStream(number);
  const reported = history.position - 1;
  const find = (text: string) => readNumbers(list, { search: searchFor(text), limit: 1 });
  assert.equal(await find("PUMP water"), [number]);
  await history.append([{ type: "incident.edited", stream, data: {}, text: { title: "The valve leaks" } }]);
  assert.equal(await find("pump"), []);
  assert.equal(await find("valve water"), [number]);
  await history.append([{ type: "incident.commented", stream, data: {}, text: { text: "closed the tap" } }]);
  const commented = history.position;
  await history.append([{ type: "incident.commented", stream, data: {}, text: { text: "tap is broken" } }]);
  assert.equal(await find('"the tap" broken'), [number]);
  assert.equal(await find('"tap tap"'), []);
  await history.append([{ type: "text.erased", stream, data: { erased: commented, incident: number } }]);
  assert.equal(await find("closed"), []);
  assert.equal(await find('"tap is broken"'), [number]);
  await history.append([{ type: "text.erased", stream, data: { erased: reported, incident: number } }]);
  assert.equal(await find("water"), []);
  assert.equal(await find("valve"), [number]);
  await history.append([{ type: "incident.deleted", stream, data: {} }]);
  assert.equal(await find("valve"), []);
  assert.equal(await find("broken"), []);
});

it("refuses a cursor of another search", async () => {
  const { ledger } = await grown(8, 300);
  const list = IncidentList.inMemory(ledger);
  const query: ListQuery = { search: searchFor("the"), limit: 2 };
  const { next_cursor } = await list.page(query);
  const cursor = next_cursor ?? "";
  assert.is((await list.page({ ...query, search: searchFor(" THE "), cursor })).rows.length, 2);
  for (const foreign of [
    { ...query, search: searchFor("server"), cursor },
    { limit: 2, cursor },
    { ...query, sort: "number", cursor },
    { ...query, cursor: Buffer.from('["x",0,1]').toString("base64url") },
  ] as const) {
    const error = await list.page(foreign).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, InvalidCursor, JSON.stringify(foreign));
  }
});

it("finds words far back in very long texts, but phrases only in their first 65,535 words", async () => {
  const { ledger, history } = await grown(9, 10);
  const list = IncidentList.inMemory(ledger);
  await history.append(history.report({}, { title: "long", description: "水".repeat(65_530) }));
  const number = history.incidents;
  for (let comments = 0; comments < 8; comments += 1) {
    const text = `begin${comments} ${"x ".repeat(4990)} end${comments}`;
    await history.append([{ type: "incident.commented", stream: incidentStream(number), data: {}, text: { text } }]);
  }
  for (const text of ["一".repeat(10_000), "一".repeat(10_000), "一".repeat(10_000), "橘橙橡"]) {
    await history.append([{ type: "incident.commented", stream: incidentStream(number), data: {}, text: { text } }]);
  }
  const find = (wanted: string) => readNumbers(list, { search: searchFor(wanted), limit: 1 });
  assert.equal(await find("begin7 end0"), [number]);
  assert.equal(await find('"begin7 x"'), [number]);
  assert.equal(await find("水水水"), [number]);
  assert.equal(await find('"x end7"'), [number]);
  assert.equal(await find("橘"), [number]);
  assert.equal(await find("橘橙橡"), []);
});
