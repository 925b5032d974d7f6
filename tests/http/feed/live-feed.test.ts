import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { limits } from "../../../src/config.ts";
import type { EventFilter } from "../../../src/http/feed/event-filter.ts";
import { eventFrame } from "../../../src/http/feed/frames.ts";
import { type FeedLimits, LiveFeed } from "../../../src/http/feed/live-feed.ts";
import type { Ledger, ReadFilter } from "../../../src/ledger/ledger.ts";
import { UnreadableEvent } from "../../../src/ledger/ledger-errors.ts";
import { MemoryLedger } from "../../../src/ledger/memory/memory-ledger.ts";
import { openSqliteLedger } from "../../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { comment, erasure, headOf, opening, report } from "../../support/ledger/example-commits.ts";
import { freshDirectory } from "../../support/run-cli.ts";
import { suite } from "../../support/suite.ts";
import { type EventStream, openStream } from "../support/event-stream.ts";

const it = suite("the live feed");

const runtime = systemRuntime();
const everything: EventFilter = { types: null, incident: null, team: null };
const closers: (() => unknown)[] = [];
it.after.each(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Harness {
  readonly feed: LiveFeed;
  readonly server: Server;
  readonly follow: (after: number, how?: { is_paused?: boolean }) => Promise<EventStream>;
}

/** A feed over a ledger, and a bare server that lets everybody follow from `?after`. */
async function serve(
  ledger: Pick<Ledger, "head" | "read" | "subscribe">,
  changed: Partial<FeedLimits> = {},
  filter = everything,
): Promise<Harness> {
  const feed = new LiveFeed({ ledger, runtime, limits: { ...limits, ...changed } });
  const server = createServer((request, response) => {
    const after = Number(new URL(request.url ?? "", "http://x").searchParams.get("after"));
    feed.follow({ response, filter, after, isWelcome: () => true }, {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  closers.push(() => {
    feed.close();
    server.closeAllConnections();
    server.close();
  });
  const follow = async (after: number, how = {}): Promise<EventStream> => {
    const stream = await openStream(`http://127.0.0.1:${port}/?after=${after}`, {}, how);
    closers.push(() => stream.leave());
    return stream;
  };
  return { feed, server, follow };
}

/** A ledger in memory with one incident: four events. */
async function openMemory(): Promise<MemoryLedger> {
  const ledger = new MemoryLedger({ runtime });
  await ledger.append(0, [opening(), report(2, 1)]);
  return ledger;
}

/** Adds a comment of so many characters on the incident. */
async function say(ledger: Ledger, characters: number): Promise<number> {
  const { position } = await ledger.head();
  const text = `${position} `.padEnd(characters, "x");
  return headOf(await ledger.append(position, [comment(position, 1, position - 1, text)])).position;
}

/** The events as they must have come, from the ledger itself. */
async function expected(ledger: Ledger, after: number): Promise<string> {
  let text = "";
  for (let page = await ledger.read({ after }); page.length > 0; page = await ledger.read({ after })) {
    text += page.map((event) => eventFrame(event).toString("utf8")).join("");
    after = page.at(-1)?.position ?? after;
  }
  return text;
}

const textOf = (stream: EventStream): string =>
  stream
    .events()
    .map(({ id, data }) => `id: ${id}\ndata: ${data}\n\n`)
    .join("");
const reaches = (stream: EventStream, position: number) => stream.until(() => Number(stream.last_id()) >= position);
const turn = () => new Promise((resolve) => setImmediate(resolve));

it("cuts a client off that is at the head and takes nothing, and loses nothing for it", async () => {
  const ledger = await openMemory();
  const { feed, follow } = await serve(ledger, { feed_buffer_bytes: 100_000 });
  const slow = await follow(4);
  const quick = await follow(4);
  await slow.until((blocks) => blocks.length > 0);
  slow.pause();
  // The system's own buffers take some megabytes; what comes then waits here.
  for (let count = 0; feed.cut_off === 0; count += 1) {
    const position = await say(ledger, 9000);
    if (count % 20 === 0) await reaches(quick, position);
    assert.ok(count < 5000, "it was never cut off");
  }
  assert.is(feed.clients, 1);
  const head = await say(ledger, 10);
  slow.resume();
  assert.is(await slow.ended, "broken");
  const last = Number(slow.last_id());
  assert.ok(last > 4 && last < head, `it got up to ${last} of ${head}`);
  const again = await follow(last);
  await reaches(again, head);
  await reaches(quick, head);
  const all = await expected(ledger, 4);
  assert.is(textOf(slow) + textOf(again), all);
  assert.is(textOf(quick), all);
});

it("does not cut off who reads history slowly, holds little for them, and joins them to the others at the head", async () => {
  const ledger = await openMemory();
  let head = 4;
  for (let count = 0; count < 1500; count += 1) head = await say(ledger, 9000);
  let read = 0;
  const counting = {
    head: () => ledger.head(),
    subscribe: (listener: (position: number) => void) => ledger.subscribe(listener),
    read: async (filter: ReadFilter) => {
      const events = await ledger.read(filter);
      read = Math.max(read, events.at(-1)?.position ?? 0);
      return events;
    },
  };
  const { feed, follow } = await serve(counting, { feed_buffer_bytes: 1000 });
  const slow = await follow(0, { is_paused: true });
  for (let seen = -1; seen !== read; ) {
    seen = read;
    for (let count = 0; count < 50; count += 1) await turn();
  }
  assert.ok(read < head - 300, `it read up to ${read} of ${head} although nobody took it`);
  assert.equal([feed.clients, feed.catching_up, feed.cut_off], [1, 1, 0]);
  head = await say(ledger, 20);
  slow.resume();
  await reaches(slow, head);
  while (feed.catching_up > 0) await turn();
  head = await say(ledger, 20);
  await reaches(slow, head);
  assert.is(textOf(slow), await expected(ledger, 0));
});

it("gives up on who takes no history for very long", async () => {
  const ledger = await openMemory();
  for (let count = 0; count < 1000; count += 1) await say(ledger, 9000);
  const { feed, follow } = await serve(ledger, { feed_standstill_ms: 50, feed_heartbeat_ms: 20 });
  const dead = await follow(0, { is_paused: true });
  while (feed.cut_off === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(feed.clients, 0);
  dead.leave();
});

it("shows what another process appends", async () => {
  const file = join(freshDirectory(), "ledger.db");
  const ours = openSqliteLedger({ file, runtime });
  const theirs = openSqliteLedger({ file, runtime });
  closers.push(
    () => ours.close(),
    () => theirs.close(),
  );
  await ours.append(0, [opening(), report(2, 1)]);
  const { follow } = await serve(ours, { feed_heartbeat_ms: 20 });
  const stream = await follow(2);
  await reaches(stream, 4);
  let head = 4;
  for (let count = 0; count < 5; count += 1) head = await say(count % 2 === 0 ? theirs : ours, 10);
  await reaches(stream, head);
  assert.is(textOf(stream), await expected(ours, 2));
});

it("shows an erased text as none, and the erasure as an event", async () => {
  const ledger = await openMemory();
  const { follow } = await serve(ledger);
  const present = await follow(0);
  await say(ledger, 10);
  await reaches(present, 5);
  await ledger.append(5, [erasure(5, 5, 1, 4)]);
  await reaches(present, 6);
  const later = await follow(4);
  await reaches(later, 6);
  const seen = (stream: EventStream) =>
    stream
      .events()
      .slice(-2)
      .map(({ data }) => JSON.parse(data ?? ""));
  const [said, erased] = seen(later);
  assert.equal([said.type, said.text], ["incident.commented", null]);
  assert.equal([erased.type, erased.data], ["text.erased", { erased: 5, incident: 1 }]);
  assert.equal(seen(present)[1], erased);
  assert.equal(seen(present)[0].text, { text: "4 xxxxxxxx" }, "what was sent before was sent");
});

it("ends a stream at an event that cannot be read, and says which", async () => {
  const ledger = await openMemory();
  let is_damaged = false;
  const damaged = {
    head: () => ledger.head(),
    subscribe: (listener: (position: number) => void) => ledger.subscribe(listener),
    read: async (filter: ReadFilter) => {
      const events = await ledger.read(filter);
      if (is_damaged && events.some(({ position }) => position === 5)) throw new UnreadableEvent(5, "it is no JSON");
      return events;
    },
  };
  const { feed, follow } = await serve(damaged);
  const live = await follow(0);
  await reaches(live, 4);
  is_damaged = true;
  await say(ledger, 10);
  for (const stream of [live, await follow(4)]) {
    assert.is(await stream.ended, "in order");
    assert.match(String(stream.blocks.at(-1)?.comment), "the event at position 5 cannot be read");
    assert.is(stream.last_id(), "4");
  }
  while (feed.clients > 0) await turn();
});

it("goes on where the ledger could not be read for a moment", async () => {
  const ledger = await openMemory();
  let fails = 0;
  const flaky = {
    read: (filter: ReadFilter) => ledger.read(filter),
    subscribe: (listener: (position: number) => void) => ledger.subscribe(listener),
    head: async () => {
      fails -= 1;
      if (fails >= 0) throw new Error("the disk is busy");
      return ledger.head();
    },
  };
  const { follow } = await serve(flaky);
  const stream = await follow(4);
  await stream.until((blocks) => blocks.length > 0);
  await turn();
  fails = 1;
  const head = await say(ledger, 10);
  await reaches(stream, head);
  assert.is(textOf(stream), await expected(ledger, 4));
});

it("reads nothing while nobody follows", async () => {
  const ledger = await openMemory();
  let reads = 0;
  const counting = {
    head: () => ledger.head(),
    subscribe: (listener: (position: number) => void) => ledger.subscribe(listener),
    read: (filter: ReadFilter) => {
      reads += 1;
      return ledger.read(filter);
    },
  };
  const { feed, follow } = await serve(counting);
  const stream = await follow(4);
  await reaches(stream, await say(ledger, 10));
  stream.leave();
  while (feed.clients > 0) await turn();
  const before = reads;
  for (let count = 0; count < 50; count += 1) await say(ledger, 10);
  for (let count = 0; count < 50; count += 1) await turn();
  assert.is(reads, before);
  const again = await follow(10);
  await reaches(again, 55);
  assert.is(textOf(again), await expected(ledger, 10));
});
