import * as assert from "uvu/assert";
import type { HashedEvent, Ledger } from "../../src/ledger/ledger.ts";
import { commitEnd, readCommits } from "../../src/ledger/read-commits.ts";
import { suite } from "../support/suite.ts";

const it = suite("reading whole commits");

/** Events of which only position and place in the commit matter here. */
function eventsOf(lengths: readonly number[]): HashedEvent[] {
  const events: HashedEvent[] = [];
  for (const length of lengths) {
    for (let offset = 0; offset < length; offset += 1) {
      events.push({ position: events.length + 1, meta: { offset, events: length, rules: 1 } } as HashedEvent);
    }
  }
  return events;
}

function ledgerOf(events: readonly HashedEvent[]): Pick<Ledger, "read"> {
  return {
    read: async ({ after = 0, until = events.length, limit = 1000 }) =>
      events.filter(({ position }) => position > after && position <= until).slice(0, limit),
  };
}

async function pagesOf(events: readonly HashedEvent[], after: number, until: number) {
  const pages: (readonly HashedEvent[])[] = [];
  for await (const page of readCommits(ledgerOf(events), { after, until })) pages.push(page);
  return pages;
}

it("never holds back more than the commit that a page cuts", async () => {
  const events = eventsOf([5, ...Array.from({ length: 2500 }, () => 2)]);
  const pages = await pagesOf(events, 0, events.length);
  assert.equal(pages.flat(), events);
  for (const page of pages) {
    assert.ok(page.length <= 1001, `a page has ${page.length} events`);
    const last = page.at(-1);
    assert.is(last === undefined ? 0 : commitEnd(last), last?.position);
  }
});

it("gives a commit that is longer than a page whole", async () => {
  const events = eventsOf([3, 2600, 1]);
  const pages = await pagesOf(events, 0, events.length);
  assert.equal(
    pages.map((page) => page.length),
    [3, 2601],
  );
});

it("reads on to the end of the commit that it is told to stop in", async () => {
  const events = eventsOf([3, 4, 1]);
  assert.equal((await pagesOf(events, 3, 5)).flat().length, 4);
});

it("says where an event is missing", async () => {
  const events = eventsOf([2, 2]).filter(({ position }) => position !== 3);
  let message = "";
  await pagesOf(events, 0, 4).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /no event at position 3/);
});
