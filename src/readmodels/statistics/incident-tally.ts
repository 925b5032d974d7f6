import { isOpen, listedStatuses } from "../../../projections/incident.ts";
import type { Grouping } from "./grouping.ts";
import { block_incidents, type MeasureBlock, type SmallCounter, smallCounters } from "./measure-block.ts";
import { countIndex, countNames } from "./measured-row.ts";

const index = {
  reported: countIndex("reported"),
  open: countIndex("open"),
  reported_resolved: countIndex("reported_resolved"),
  repeats: countIndex("repeats"),
} as const;

const byStatus = listedStatuses.map((status) => ({ index: countIndex(status), isOpen: isOpen(status) }));

/** Of each small counter: the count to which it adds its value, and the one to which it adds 1 where it is not 0. */
const byCounter = smallCounters.map((counter) => {
  const total = counter === "queued" ? null : countIndex(counter);
  return { total, once: countIndex(onceOf(counter)) };
});

function onceOf(counter: SmallCounter) {
  switch (counter) {
    case "queued":
      return "queued";
    case "reopenings":
      return "reopened";
    case "handed_over":
    case "rerouted":
    case "handed_back":
      return "reassigned";
    case "raised_by_hand":
    case "raised_by_rule":
      return "escalated";
    default:
      return counter satisfies never;
  }
}

/** Counts incidents in each of some groupings. */
export class IncidentTally {
  readonly #groupings: readonly Grouping[];
  readonly #counts = new Float64Array(countNames.length);
  /** The counts that the present incident adds to: a few of all. */
  readonly #touched: number[] = [];

  constructor(groupings: readonly Grouping[]) {
    this.#groupings = groupings;
  }

  /** Adds one incident of a block to its group in each grouping. */
  add(block: MeasureBlock, slot: number): void {
    this.#count(block, slot);
    for (const grouping of this.#groupings) {
      const counts = grouping.add(keyOf(grouping, block, slot));
      for (const each of this.#touched) counts[each] = (counts[each] as number) + (this.#counts[each] as number);
    }
    for (const each of this.#touched) this.#counts[each] = 0;
    this.#touched.length = 0;
  }

  #count(block: MeasureBlock, slot: number): void {
    const status = byStatus[(block.status[slot] as number) - 1];
    this.#set(index.reported, 1);
    if (status !== undefined) this.#set(status.index, 1);
    if (status?.isOpen === true) this.#set(index.open, 1);
    if (block.isReportedResolved(slot)) this.#set(index.reported_resolved, 1);
    const repeats = block.repeats[slot] as number;
    if (repeats > 0) this.#set(index.repeats, repeats);
    for (let counter = 0; counter < byCounter.length; counter += 1) {
      const value = block.counters[counter * block_incidents + slot] as number;
      if (value === 0) continue;
      const { total, once } = byCounter[counter] as (typeof byCounter)[number];
      if (total !== null) this.#set(total, value);
      this.#set(once, 1);
    }
  }

  #set(count: number, value: number): void {
    if (this.#counts[count] === 0) this.#touched.push(count);
    this.#counts[count] = value;
  }
}

function keyOf({ dimension }: Grouping, block: MeasureBlock, slot: number): number {
  switch (dimension) {
    case null:
      return 0;
    case "severity":
      return block.severity[slot] as number;
    case "team":
      return block.team[slot] as number;
    case "handler":
      return block.handler[slot] as number;
    case "day":
      return block.day[slot] as number;
    default:
      return dimension satisfies never;
  }
}
