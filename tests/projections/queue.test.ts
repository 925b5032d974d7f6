import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Incident } from "../../projections/incident.ts";
import { foldIncident } from "../../projections/incident-fold.ts";
import { Queue, type QueueKey } from "../../projections/queue.ts";
import { suite } from "../support/suite.ts";

const size = 100_000;

/** The incidents by number; counts how many are looked up. */
class CountingMap extends Map<number, Incident> {
  reads = 0;

  override get(number: number): Incident | undefined {
    this.reads += 1;
    return super.get(number);
  }
}

function pending({ number, severity, timestamp }: QueueKey): Incident {
  const event: RecordedEvent<"incident.reported"> = {
    position: number,
    stream: `incident/${number}`,
    version: 1,
    type: "incident.reported",
    schema_version: 1,
    recorded_at: timestamp,
    actor: "admin",
    command_id: `command-${number}`,
    meta: { offset: 0, events: 1, rules: 1 },
    data: { incident_id: `incident-${number}`, number, team: "default", severity, timestamp },
    text: null,
  };
  const incident = foldIncident(null, event);
  if (incident === null) throw new Error("a reported incident is known whole");
  return incident;
}

/** Severities and times scattered without chance: 7919 and 104729 are prime, so that every number comes once. */
function scattered(number: number): QueueKey {
  const place = (number * 7919) % 104_729;
  const minute = String(place % 60).padStart(2, "0");
  const hour = String(Math.floor(place / 60) % 24).padStart(2, "0");
  return { number, severity: 1 + (place % 5), timestamp: `2026-01-05T${hour}:${minute}:00.000Z` };
}

/** Rule 1 once more, by sorting. */
function sorted(keys: readonly QueueKey[]): QueueKey[] {
  const sortable = (key: QueueKey) => `${key.severity} ${key.timestamp} ${String(key.number).padStart(9, "0")}`;
  return keys
    .map((key) => ({ key, text: sortable(key) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ key }) => key);
}

function filledQueue() {
  const keys = Array.from({ length: size }, (_, index) => scattered(index + 1));
  const incidents = new CountingMap(keys.map((key) => [key.number, pending(key)] as const));
  const queue = new Queue(incidents);
  for (const key of keys) queue.add(key);
  return { keys, incidents, queue };
}

const it = suite("a queue of 100,000 pending incidents");

it("has the right head, ranks and pages", () => {
  const { keys, queue } = filledQueue();
  const order = sorted(keys);
  assert.is(queue.size, size);
  assert.is(queue.head()?.number, order[0]?.number);
  for (const [index, key] of order.entries()) assert.is(queue.rankOf(key), index + 1);
  for (const from_rank of [1, 2, 4096, 50_001, size - 10, size]) {
    const wanted = order.slice(from_rank - 1, from_rank + 24).map(({ number }) => number);
    assert.equal(
      queue.page(from_rank, 25).map(({ number }) => number),
      wanted,
    );
  }
  assert.equal(queue.page(size + 1, 25), []);
  assert.equal(queue.page(1, 0), []);
});

it("follows what leaves it and what changes its place", () => {
  const { keys, queue, incidents } = filledQueue();
  const kept: QueueKey[] = [];
  for (const key of keys) {
    if (key.number % 3 === 0) queue.delete(key);
    else if (key.number % 3 === 1) kept.push(key);
    else {
      const raised = { ...key, severity: 1 };
      queue.delete(key);
      queue.add(raised);
      incidents.set(key.number, pending(raised));
      kept.push(raised);
    }
  }
  const order = sorted(kept);
  assert.is(queue.size, order.length);
  assert.equal(
    [...queue.inOrder()].map(({ number }) => number),
    order.map(({ number }) => number),
  );
  for (let index = 0; index < order.length; index += 101) {
    const key = order[index];
    if (key !== undefined) assert.is(queue.rankOf(key), index + 1);
  }
});

it("answers head, rank and page in a number of steps that does not depend on its length", () => {
  const { keys, queue, incidents } = filledQueue();
  // The height that an AVL tree of so many values has at most.
  const levels = Math.ceil(1.4405 * Math.log2(size + 2));
  for (let index = 0; index < keys.length; index += 499) {
    const key = keys[index];
    if (key === undefined) continue;
    let comparisons = 0;
    queue.rankOf({
      number: key.number,
      timestamp: key.timestamp,
      get severity() {
        comparisons += 1;
        return key.severity;
      },
    });
    assert.ok(comparisons <= levels, `${comparisons} comparisons`);
  }
  incidents.reads = 0;
  queue.head();
  assert.is(incidents.reads, 1);
  incidents.reads = 0;
  queue.page(50_000, 20);
  assert.is(incidents.reads, 20);
});
