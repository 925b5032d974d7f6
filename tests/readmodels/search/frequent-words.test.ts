import * as assert from "uvu/assert";
import type { Comment } from "../../../projections/incident-comments.ts";
import type { ListedIncident } from "../../../projections/incident-list.ts";
import { SearchCorpus } from "../../../scripts/bench/search-corpus.ts";
import { searchFaults } from "../../../src/audit/search-audit.ts";
import { ListConnection } from "../../../src/readmodels/list-connection.ts";
import { readPage } from "../../../src/readmodels/list-page.ts";
import { type ListChange, ReadDatabase } from "../../../src/readmodels/read-database.ts";
import { parseSearch, type Search } from "../../../src/readmodels/search/search-query.ts";
import { expectedRank } from "../../support/readmodels/expected-search.ts";
import { seededRandom } from "../../support/readmodels/random-history.ts";
import { suite } from "../../support/suite.ts";

const it = suite("words that many incidents have");

interface Known {
  readonly listed: ListedIncident;
  readonly comments: readonly Comment[];
}

/** Few words, so that each is in many incidents, and some pairs of them are often side by side. */
const words = "eu west eu-west the then server 東京都 京都 сбой s se zq zqa".split(" ");

const typed = [
  '"the server"',
  '"server the"',
  '"the the"',
  '"the server the"',
  '"eu west eu"',
  "eu-west",
  "west-eu-w",
  "west-the",
  "the-s",
  "server-zq",
  '"zq server"',
  "東京都",
  "京都東",
  "the -server",
  "eu-west the",
  "s",
  "se",
  "z",
  "zq",
  "с",
  "сб",
  "t -th",
];

/** A list that changes at random, and what is in it. */
class ChangingList {
  readonly database = ReadDatabase.create(":memory:");
  readonly known = new Map<number, Known>();
  readonly #corpus = new SearchCorpus(1);
  readonly #random: () => number;
  #position = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Writes some changes at once: `part` of the incidents come or are written anew, the others change or go. */
  change(numbers: readonly number[], part: number): void {
    this.#write(
      numbers.map((number) => {
        const before = this.known.get(number);
        return before === undefined || this.#random() < part ? this.#rewrite(number) : this.#other(number, before);
      }),
    );
  }

  /** Deletes incidents. */
  remove(numbers: readonly number[]): void {
    const known = numbers.filter((number) => this.known.has(number));
    this.#write(
      known.map((number) => ({
        number,
        before: this.known.get(number)?.listed ?? null,
        after: null,
        comments: [],
        anew: true,
      })),
    );
  }

  #write(changes: readonly ListChange[]): void {
    for (const { number, after, comments, anew } of changes) {
      const others = anew ? [] : (this.known.get(number)?.comments ?? []);
      if (after === null) this.known.delete(number);
      else this.known.set(number, { listed: after, comments: [...others, ...comments] });
    }
    this.database.write(changes, { ledger_id: "x", position: this.#position, hash: "" });
  }

  #rewrite(number: number): ListChange {
    const before = this.known.get(number)?.listed ?? null;
    const { listed } = this.#corpus.incident(number, 1000);
    const texts = { ...listed.texts, title: this.#text(5), description: this.#random() < 0.3 ? null : this.#text(12) };
    return { number, before, after: { ...listed, texts }, comments: this.#comments(1), anew: false };
  }

  #other(number: number, { listed, comments }: Known): ListChange {
    const roll = this.#random();
    if (roll < 0.4) return { number, before: listed, after: null, comments: [], anew: true };
    if (roll < 0.6) return { number, before: listed, after: listed, comments: this.#comments(3), anew: false };
    // A comment that was erased.
    return { number, before: listed, after: listed, comments: comments.slice(1), anew: true };
  }

  #comments(most: number): Comment[] {
    return Array.from({ length: Math.floor(this.#random() * (most + 1)) }, () => {
      this.#position += 1;
      return { position: this.#position, text: this.#text(6) };
    });
  }

  #text(most: number): string {
    const count = Math.floor(this.#random() * (most + 1));
    return Array.from({ length: count }, () => words[Math.floor(this.#random() ** 2 * words.length)]).join(" ");
  }
}

function searchFor(text: string): Search {
  const search = parseSearch(text);
  if (search === null) throw new Error(`${text} is no search`);
  return search;
}

function expected(list: ChangingList, text: string): number[] {
  const search = searchFor(text);
  const ranks = new Map<number, number>();
  for (const [number, { listed, comments }] of list.known) {
    const rank = expectedRank(
      listed,
      comments.map((comment) => comment.text),
      search,
    );
    if (rank !== null) ranks.set(number, rank);
  }
  return [...ranks.keys()].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || b - a);
}

async function assertRight(list: ChangingList, what: string): Promise<void> {
  assert.equal(searchFaults(list.database.connection, 1), [], what);
  const connection = new ListConnection(list.database.connection);
  for (const text of typed) {
    const page = await readPage(connection, { search: searchFor(text), limit: 5000, count: true });
    const numbers = expected(list, text);
    assert.equal(
      page.rows.map(({ incident }) => incident.number),
      numbers,
      `${text}, ${what}`,
    );
    assert.is(page.total, numbers.length);
  }
}

it("are found like others, alone and in phrases, while they become frequent and rare again", async () => {
  for (const seed of [1, 2]) {
    const list = new ChangingList(seed);
    const random = seededRandom(seed);
    // On both sides of where one block of the index ends and the next one begins.
    const numbers = Array.from({ length: 1400 }, (_, index) => 3200 + index);
    const isBuilt = seed === 1;
    if (!isBuilt) list.database.complete();
    for (let first = 0; first < numbers.length; first += 200) list.change(numbers.slice(first, first + 200), 1);
    if (isBuilt) list.database.complete();
    await assertRight(list, `seed ${seed}, come`);
    for (let round = 0; round < 10; round += 1) {
      // First more go than come, then the other way round.
      const chosen = numbers.filter(() => random() < (round < 8 ? 0.5 : 0.2));
      list.change(chosen, round < 8 ? 0.1 : 0.9);
      await assertRight(list, `seed ${seed}, round ${round}`);
    }
  }
});

it("are found in every part of a block, also where a part loses all its incidents and gets others", async () => {
  const list = new ChangingList(4);
  list.database.complete();
  const parts = [1, 1100, 2500, 4090].map((first) => Array.from({ length: 250 }, (_, index) => first + index));
  for (const numbers of parts) list.change(numbers, 1);
  await assertRight(list, "all come");
  for (const numbers of parts) {
    list.remove(numbers);
    await assertRight(list, `those from ${numbers[0]} on are gone`);
    list.change(numbers, 1);
    await assertRight(list, `those from ${numbers[0]} on are there again`);
  }
});
