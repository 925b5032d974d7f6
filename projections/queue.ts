import { compareText } from "./compare.ts";
import type { Incident } from "./incident.ts";
import { OrderedSet } from "./ordered-set.ts";

/** What a place in a queue depends on. */
export type QueueKey = Pick<Incident, "severity" | "timestamp" | "number">;

/** Rule 1: severity, then when it happened, then number. Total. */
export function compareInQueue(a: QueueKey, b: QueueKey): number {
  return a.severity - b.severity || compareText(a.timestamp, b.timestamp) || a.number - b.number;
}

/** A team's pending incidents in the order in which they will be taken. */
export class Queue {
  readonly #incidents: ReadonlyMap<number, Incident>;
  readonly #order = new OrderedSet<QueueKey>(compareInQueue);

  /** The incidents by number belong to the board; the queue keeps only their order. */
  constructor(incidents: ReadonlyMap<number, Incident>) {
    this.#incidents = incidents;
  }

  get size(): number {
    return this.#order.size;
  }

  add({ severity, timestamp, number }: QueueKey): void {
    this.#order.add({ severity, timestamp, number });
  }

  delete(key: QueueKey): void {
    this.#order.delete(key);
  }

  /** Who is next. */
  head(): Incident | undefined {
    const key = this.#order.first();
    return key === undefined ? undefined : this.#incidents.get(key.number);
  }

  /** The one of this severity that comes first, which is the one that happened first. */
  firstOf(severity: number): Incident | undefined {
    const rank = this.#order.rankOf({ severity, timestamp: "", number: 0 });
    const [key] = this.#order.values(rank);
    return key?.severity === severity ? this.#incidents.get(key.number) : undefined;
  }

  /** The place of a pending incident: 1 for the head. */
  rankOf(key: QueueKey): number {
    return this.#order.rankOf(key) + 1;
  }

  /** The incidents in order, from this place on (1: the head). */
  *inOrder(from_rank = 1): Generator<Incident> {
    for (const key of this.#order.values(from_rank - 1)) {
      const incident = this.#incidents.get(key.number);
      if (incident !== undefined) yield incident;
    }
  }

  /** At most `limit` incidents from this place on (1: the head). */
  page(from_rank: number, limit: number): Incident[] {
    const page: Incident[] = [];
    if (limit <= 0) return page;
    for (const incident of this.inOrder(from_rank)) {
      page.push(incident);
      if (page.length >= limit) break;
    }
    return page;
  }
}
