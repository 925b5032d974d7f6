import * as assert from "uvu/assert";
import { incidentOfStream, incidentStream } from "../../events/stream.ts";
import type { HashedEvent, Ledger, ReadFilter } from "../../src/ledger/ledger.ts";
import { memoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { BoundedCache } from "../../src/readmodels/bounded-cache.ts";
import { HandlerTextCache, IncidentTextCache } from "../../src/readmodels/texts.ts";
import { countedRuntime } from "../support/ledger/example-commits.ts";
import { freshFold } from "../support/readmodels/fresh-fold.ts";
import { RandomHistory, seededRandom } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";

const it = suite("the cached texts");

/** A ledger whose reads take as many turns of the event loop as `turns` says, before and after they are done. */
function slowLedger(ledger: Ledger, turns: () => number): { ledger: Ledger; reads: () => number } {
  let reads = 0;
  const wait = async (): Promise<void> => {
    for (let left = turns(); left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const slow = Object.create(ledger) as Ledger;
  slow.read = async (filter: ReadFilter) => {
    reads += 1;
    await wait();
    const page = await ledger.read(filter);
    await wait();
    return page;
  };
  return { ledger: slow, reads: () => reads };
}

async function opened(seed: number) {
  const ledger = memoryLedger({ runtime: countedRuntime() });
  const history = new RandomHistory(ledger, seed);
  await history.open();
  return { ledger, history };
}

/** Everything committed after a position, as the service hands it on. */
async function committedAfter(ledger: Ledger, after: number): Promise<readonly HashedEvent[]> {
  return ledger.read({ after });
}

it("are read from the ledger once, and follow what is committed", async () => {
  const { ledger, history } = await opened(1);
  await history.append(history.report({}, { title: "Down", description: "All of it" }));
  const { ledger: counted, reads } = slowLedger(ledger, () => 0);
  const cache = new IncidentTextCache(counted, 10);
  assert.is((await cache.get(1)).title, "Down");
  const after = history.position;
  await history.append([{ type: "incident.edited", stream: "incident/1", data: {}, text: { title: "Up again" } }]);
  await history.append([{ type: "incident.resolved", stream: "incident/1", data: {}, text: { resolution: "waited" } }]);
  for (const event of await committedAfter(ledger, after)) cache.apply(event);
  const texts = await cache.get(1);
  assert.equal([texts.title, texts.description, texts.resolution], ["Up again", "All of it", "waited"]);
  assert.is(reads(), 1);
});

it("know a new incident from its report, without reading the ledger", async () => {
  const { ledger, history } = await opened(2);
  const { ledger: counted, reads } = slowLedger(ledger, () => 0);
  const cache = new IncidentTextCache(counted, 10);
  const after = history.position;
  await history.append(history.report({}, { title: "New" }));
  for (const event of await committedAfter(ledger, after)) cache.apply(event);
  assert.is((await cache.get(1)).title, "New");
  assert.is(reads(), 0);
});

it("forget a text that was erased", async () => {
  const { ledger, history } = await opened(3);
  await history.append(history.report({}, { title: "A name" }));
  const erased = history.position - 1;
  const cache = new IncidentTextCache(ledger, 10);
  assert.is((await cache.get(1)).title, "A name");
  const after = history.position;
  await history.append([{ type: "text.erased", stream: "incident/1", data: { erased, incident: 1 } }]);
  for (const event of await committedAfter(ledger, after)) cache.apply(event);
  assert.is((await cache.get(1)).title, null);
});

it("are never stale, however reading and committing overlap", async () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const random = seededRandom(seed);
    const { ledger, history } = await opened(seed);
    await history.grow(10);
    const cache = new IncidentTextCache(slowLedger(ledger, () => Math.floor(random() * 4)).ledger, 4);
    const loads: Promise<unknown>[] = [];
    for (let round = 0; round < 150; round += 1) {
      const number = 1 + Math.floor(random() * Math.min(history.incidents, 6));
      loads.push(cache.get(number));
      const after = history.position;
      await history.grow(1 + Math.floor(random() * 3));
      const events = await committedAfter(ledger, after);
      // The service hands a commit on a moment after the ledger has it.
      for (let left = Math.floor(random() * 3); left > 0; left -= 1)
        await new Promise((resolve) => setImmediate(resolve));
      for (const event of events) cache.apply(event);
    }
    await Promise.all(loads);
    for (const { incident, texts } of await freshFold(ledger)) {
      assert.equal(await cache.get(incident.number), texts, `seed ${seed}, incident ${incident.number}`);
      assert.equal(await cache.get(incident.number), texts, `seed ${seed}, incident ${incident.number}, kept`);
    }
  }
});

it("keep nothing of a reading that failed", async () => {
  const { ledger, history } = await opened(7);
  await history.append(history.report({}, { title: "There" }));
  let fails = true;
  const failing = Object.create(ledger) as Ledger;
  failing.read = async (filter: ReadFilter) => {
    if (fails) throw new Error("the disk is away");
    return ledger.read(filter);
  };
  const cache = new IncidentTextCache(failing, 4);
  const error = await cache.get(1).catch((thrown: unknown) => thrown);
  assert.instance(error, Error);
  fails = false;
  assert.is((await cache.get(1)).title, "There");
  assert.is(incidentOfStream(incidentStream(1)), 1);
});

it("tell a handler's name and why they are away", async () => {
  const { ledger, history } = await opened(8);
  const cache = new HandlerTextCache(ledger);
  assert.equal(await cache.handler("Alice"), { name: "Alice", unavailable_reason: null });
  assert.equal(await cache.handler("Nobody"), { name: null, unavailable_reason: null });
  const stream = "handler/Alice";
  const steps: [Parameters<RandomHistory["append"]>[0][number], object][] = [
    [
      { type: "handler.made-unavailable", stream, data: { handler: "Alice" }, text: { reason: "lunch" } },
      { name: "Alice", unavailable_reason: "lunch" },
    ],
    [
      { type: "handler.renamed", stream, data: { handler: "Alice" }, text: { name: "Alice B." } },
      { name: "Alice B.", unavailable_reason: "lunch" },
    ],
    [
      { type: "handler.made-available", stream, data: { handler: "Alice" } },
      { name: "Alice B.", unavailable_reason: null },
    ],
    [
      { type: "handler.left", stream, data: { handler: "Alice", team: "default" }, text: { reason: "a new job" } },
      { name: "Alice B.", unavailable_reason: null },
    ],
  ];
  for (const [event, expected] of steps) {
    const after = history.position;
    await history.append([event]);
    for (const committed of await committedAfter(ledger, after)) cache.apply(committed);
    assert.equal(await cache.handler("Alice"), expected);
    assert.equal(await new HandlerTextCache(ledger).handler("Alice"), expected);
  }
});

it("stay within their limits: what was not used for longest goes first", () => {
  const cache = new BoundedCache<number, string>(3, 12, (value) => value.length);
  cache.set(1, "aa");
  cache.set(2, "bb");
  cache.set(3, "cc");
  cache.get(1);
  cache.set(4, "dd");
  assert.equal([cache.peek(1), cache.peek(2), cache.peek(3), cache.peek(4)], ["aa", undefined, "cc", "dd"]);
  cache.set(5, "eeeeeeee");
  assert.equal([cache.size, cache.peek(4), cache.peek(5)], [2, "dd", "eeeeeeee"]);
  cache.set(6, "longer than all there may be");
  assert.is(cache.size, 0);
});
