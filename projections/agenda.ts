import { compareText } from "./compare.ts";
import { OrderedSet } from "./ordered-set.ts";

/** What can come due for an incident. */
export type DueKind = "ack-timeout" | "auto-close" | "wake";

/** Something that happens when the time has come. */
export interface AgendaItem {
  readonly due: string;
  readonly number: number;
  readonly kind: DueKind;
  /** Position of the event that set the due time. */
  readonly position: number;
  /** Of an ack timeout: how long this one is. */
  readonly timeout_ms?: number;
}

/** By due time, incident, kind: the order in which due items are taken. */
export function compareDue(a: AgendaItem, b: AgendaItem): number {
  return compareText(a.due, b.due) || a.number - b.number || compareText(a.kind, b.kind);
}

/** What is due when: at most one item of each kind for an incident. */
export class Agenda {
  readonly #order = new OrderedSet<AgendaItem>(compareDue);
  readonly #items: Readonly<Record<DueKind, Map<number, AgendaItem>>> = {
    "ack-timeout": new Map(),
    "auto-close": new Map(),
    wake: new Map(),
  };

  get size(): number {
    return this.#order.size;
  }

  /** The item that comes first. */
  first(): AgendaItem | undefined {
    return this.#order.first();
  }

  item(kind: DueKind, number: number): AgendaItem | undefined {
    return this.#items[kind].get(number);
  }

  /** Sets an item, in the place of one of the same kind for the same incident. */
  set(item: AgendaItem): void {
    this.delete(item.kind, item.number);
    this.#items[item.kind].set(item.number, item);
    this.#order.add(item);
  }

  delete(kind: DueKind, number: number): void {
    const item = this.#items[kind].get(number);
    if (item === undefined) return;
    this.#items[kind].delete(number);
    this.#order.delete(item);
  }

  /** All items in the order in which they come due. */
  inOrder(): Generator<AgendaItem> {
    return this.#order.values();
  }
}
