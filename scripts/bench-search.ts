import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { ListConnection } from "../src/readmodels/list-connection.ts";
import { readPage } from "../src/readmodels/list-page.ts";
import type { ListQuery } from "../src/readmodels/list-query.ts";
import { listSorts } from "../src/readmodels/list-query.ts";
import { ReadDatabase } from "../src/readmodels/read-database.ts";
import { parseSearch } from "../src/readmodels/search/search-query.ts";
import { SearchCorpus } from "./bench/search-corpus.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";

/**
 * How long a page of the list takes, searched and not, with many incidents, and how large their file is. Nothing but the
 * file is measured: no HTTP. `npm run bench:search -- [--incidents 1000000] [--rounds 15] [--file read.db, kept]`
 */
const values = readOptions(import.meta.url, {
  incidents: { type: "string", default: "1000000" },
  rounds: { type: "string", default: "15" },
  file: { type: "string" },
});
const incidents = wholeNumber("incidents", values.incidents, 1);
const rounds = wholeNumber("rounds", values.rounds, 1);
const directory = mkdtempSync(join(tmpdir(), "bench-search-"));
const file = values.file ?? join(directory, "read.db");

function search(text: string): Pick<ListQuery, "search"> {
  const parsed = parseSearch(text);
  if (parsed === null) throw new Error(`${text} is no search`);
  return { search: parsed };
}

const corpus = new SearchCorpus(1);

function changes(first: number, last: number, among: number) {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const number = first + index;
    const { listed, comments } = corpus.incident(number, among);
    return { number, before: null, after: listed, comments, anew: false };
  });
}

function build(): void {
  const database = ReadDatabase.create(file);
  const begun = performance.now();
  const batch = 1000;
  for (let first = 1; first <= incidents; first += batch) {
    const last = Math.min(first + batch - 1, incidents);
    database.write(changes(first, last, incidents), { ledger_id: "x", position: 10 * last, hash: "" });
  }
  const written = performance.now();
  database.complete();
  const completed = performance.now();
  database.close();
  print("rows written", `${((written - begun) / 1000).toFixed(1)} s`);
  print("labels, indexes and words made", `${((completed - written) / 1000).toFixed(1)} s`);
}

/** How long new incidents take while the list is in use, a few at a time. */
function measureWrites(): void {
  const database = ReadDatabase.open(file);
  const highest = database.checkpoint.position / 10;
  for (const batch of [1, 20, 500]) {
    const prepared = Array.from({ length: 10 }, (_, index) =>
      changes(highest + 1 + index * batch, highest + (index + 1) * batch, incidents),
    );
    const before = process.cpuUsage();
    for (const each of prepared) {
      database.write(each, { ledger_id: "x", position: 10 * highest, hash: "" });
    }
    const { user, system } = process.cpuUsage(before);
    print(
      `an incident written, ${batch} at a time`,
      `${((user + system) / (10 * batch)).toFixed(0)} µs of the processor`,
    );
    const gone = prepared
      .flat()
      .map((change) => ({ ...change, before: change.after, after: null, comments: [], anew: true }));
    database.write(gone, { ledger_id: "x", position: 10 * highest, hash: "" });
  }
  database.close();
}

function measureSize(connection: ListConnection): void {
  const tables = connection.all<{ name: string; bytes: number }>(
    "SELECT name, sum(pgsize) AS bytes FROM dbstat WHERE aggregate = TRUE GROUP BY name",
    [],
  );
  const searched = ["words", "word_parts", "comments", "comments_by_number"];
  const bytes = (wanted: boolean): number =>
    tables.filter(({ name }) => searched.includes(name) === wanted).reduce((sum, table) => sum + table.bytes, 0);
  print("read.db, bytes an incident", (statSync(file).size / incidents).toFixed(0));
  print("  of these to search", (bytes(true) / incidents).toFixed(0));
  for (const { name, bytes: of } of tables)
    if (searched.includes(name)) print(`    ${name}`, (of / incidents).toFixed(0));
  print("  without", (bytes(false) / incidents).toFixed(0));
}

async function measurePage(connection: ListConnection, name: string, query: Omit<ListQuery, "limit">): Promise<void> {
  const times: number[] = [];
  const busy: number[] = [];
  const stints: number[] = [];
  let rows = 0;
  let total: number | undefined;
  const limit = 100;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    const begun = performance.now();
    let last = begun;
    let isDone = false;
    const watch = (): void => {
      stints.push(performance.now() - last);
      last = performance.now();
      if (!isDone) setImmediate(watch);
    };
    setImmediate(watch);
    const page = await readPage(connection, { ...query, limit });
    times.push(performance.now() - begun);
    const { user, system } = process.cpuUsage(before);
    busy.push((user + system) / 1000);
    isDone = true;
    rows = page.rows.length;
    total = page.total;
    await new Promise((resolve) => setImmediate(resolve));
  }
  times.sort((a, b) => a - b);
  busy.sort((a, b) => a - b);
  stints.sort((a, b) => a - b);
  const at = (list: readonly number[], part: number): string =>
    `${(list[Math.floor(part * (list.length - 1))] ?? 0).toFixed(1)} ms`;
  const found = total === undefined ? `${rows} rows` : `${rows} rows of ${total}`;
  print(
    name,
    `${at(times, 0.5)} (p90 ${at(times, 0.9)}; of the processor ${at(busy, 0)} at best, ${at(busy, 0.5)}), at a stretch ${at(stints, 0.5)}, most ${at(stints, 1)}, ${found}`,
  );
}

async function measurePages(connection: ListConnection): Promise<void> {
  const rare =
    connection.get<{ word: string }>(
      "SELECT word FROM words WHERE block = 3 AND word > '7' AND length(word) = 8 AND field = 1",
      [],
    )?.word ?? "abc";
  const deep = await deepCursor(connection, "server", 30);
  const cases: readonly (readonly [string, Omit<ListQuery, "limit">])[] = [
    ["no search, the newest", {}],
    ["no search, status=closed&severity=1&team=legal", { status: ["closed"], severity: [1], team: "legal" }],
    ["no search, the same with count=true", { status: ["closed"], severity: [1], team: "legal", count: true }],
    [`a rare word (${rare})`, search(rare)],
    ["a word that nothing has", search("qqqqqqq")],
    ["a word of every incident", search("incident")],
    ["two frequent words", search("incident the")],
    ["three frequent words", search("the server error")],
    ["a frequent and a rare word", search(`the ${rare}`)],
    ["a frequent word without a frequent one", search("incident -the")],
    ["one letter (s)", search("s")],
    ["two letters (se)", search("se")],
    ["three letters (ser)", search("ser")],
    ["a phrase of frequent words", search('"incident the"')],
    ["a phrase that nothing has", search('"the incident"')],
    ["a host (checkout-17.eu-west)", search("checkout-17.eu-west")],
    ["Russian (сбой сервера)", search("СБОЙ сервер")],
    ["Japanese (東京)", search("東京")],
    ["Japanese, one character (京)", search("京")],
    ["Japanese, scattered only (東京都)", search("東京都")],
    ["German (storung)", search("storung")],
    ["a frequent word, status=open", { ...search("incident"), status: ["open"] }],
    ["a frequent word, severity=1", { ...search("incident"), severity: [1] }],
    ["a frequent word, team=legal", { ...search("incident"), team: "legal" }],
    ["a frequent word, three filters", { ...search("the"), status: ["closed"], severity: [1], team: "legal" }],
    ["a rare word, severity=3", { ...search(rare), severity: [3] }],
    ["one letter, status=open", { ...search("s"), status: ["open"] }],
    ["one letter, status=snoozed", { ...search("s"), status: ["snoozed"] }],
    ["two letters, status=snoozed", { ...search("se"), status: ["snoozed"] }],
    ["a deep page (3000 rows on)", { ...search("server"), cursor: deep }],
    ["a frequent word with count=true", { ...search("incident"), count: true }],
    ["two frequent words with count=true", { ...search("the server"), count: true }],
    ["a frequent word, severity=1, count=true", { ...search("the"), severity: [1], count: true }],
    ["a phrase with count=true", { ...search('"the server"'), count: true }],
    ["one letter with count=true", { ...search("s"), count: true }],
    ["two letters with count=true", { ...search("se"), count: true }],
    ...listSorts.map((sort) => [`a frequent word, sort=${sort}`, { ...search("server"), sort }] as const),
    ["a rare word, sort=severity", { ...search("rollback restore"), sort: "severity" }],
  ];
  for (const [name, query] of cases) await measurePage(connection, name, query);
}

async function deepCursor(connection: ListConnection, text: string, pages: number): Promise<string> {
  let cursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const query: ListQuery = { ...search(text), limit: 100, ...(cursor === null ? {} : { cursor }) };
    cursor = (await readPage(connection, query)).next_cursor;
    if (cursor === null) throw new Error(`${text} has too few pages`);
  }
  return cursor ?? "";
}

function print(name: string, value: string): void {
  console.log(`${name.padEnd(48)} ${value}`);
}

try {
  print("measured on", `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`);
  if (!existsSync(file)) build();
  const connection = ListConnection.open(file);
  measureSize(connection);
  await measurePages(connection);
  connection.close();
  measureWrites();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
