import { crc32 } from "node:zlib";
import { type Incident, listedStatuses } from "../../../projections/incident.ts";
import type { ListedIncident } from "../../../projections/incident-list.ts";

/**
 * How many incidents, by number, one block holds: as many as fit on one of SQLite's pages. A change then writes one page,
 * as a change of a narrow row would, and reading a million incidents is reading some 14,000 rows.
 */
export const block_incidents = 70;

/** The highest value of a counter that is kept in 16 bits. Each of them counts what people or rules did to one incident. */
const most_counted = 0xffff;

const day_ms = 24 * 60 * 60 * 1000;

/** The counters of an incident that are kept in 16 bits, in their order in the block. */
export const smallCounters = [
  "queued",
  "reopenings",
  "handed_over",
  "rerouted",
  "handed_back",
  "raised_by_hand",
  "raised_by_rule",
] as const;

/** The name of a counter that is kept in 16 bits. */
export type SmallCounter = (typeof smallCounters)[number];

/** The block that holds an incident. */
export function blockOf(number: number): number {
  return Math.floor((number - 1) / block_incidents);
}

/** The number of the first incident of a block. */
export function firstOfBlock(block: number): number {
  return block * block_incidents + 1;
}

const n = block_incidents;
const offsets = { longs: 0, words: 24 * n, halves: 40 * n, bytes: (40 + 2 * smallCounters.length) * n };
/** The length of a block. */
export const block_bytes = offsets.bytes + 3 * n;

/** Marks, among the bits of an incident, one that was reported as done. */
const reported_resolved_bit = 1;

/** The numbers under which the names of teams and handlers stand in the blocks; 0 stands for nobody. */
export interface NameNumbers {
  numberOf(name: string): number;
}

/**
 * What the statistics need of up to 70 incidents, column by column: durations in milliseconds (NaN: there is none), the day
 * of the report in days since 1970 (UTC), team, handler, counters, status, severity. Numbers stand as they do in memory: a
 * file of a machine with another byte order fails its checksums, which are over its bytes and read in their order.
 */
export class MeasureBlock {
  readonly bytes: Uint8Array;
  readonly acknowledge_ms: Float64Array;
  readonly resolve_ms: Float64Array;
  readonly queue_ms: Float64Array;
  readonly day: Uint32Array;
  readonly team: Uint32Array;
  readonly handler: Uint32Array;
  readonly repeats: Uint32Array;
  /** `smallCounters`, one after another. */
  readonly counters: Uint16Array;
  /** 0: there is no such incident, or it was deleted; else one more than the index in `listedStatuses`. */
  readonly status: Uint8Array;
  readonly severity: Uint8Array;
  readonly bits: Uint8Array;

  constructor() {
    const buffer = new ArrayBuffer(block_bytes);
    const longs = (index: number) => new Float64Array(buffer, offsets.longs + 8 * n * index, n);
    const words = (index: number) => new Uint32Array(buffer, offsets.words + 4 * n * index, n);
    const bytes = (index: number) => new Uint8Array(buffer, offsets.bytes + n * index, n);
    this.bytes = new Uint8Array(buffer);
    this.acknowledge_ms = longs(0);
    this.resolve_ms = longs(1);
    this.queue_ms = longs(2);
    this.day = words(0);
    this.team = words(1);
    this.handler = words(2);
    this.repeats = words(3);
    this.counters = new Uint16Array(buffer, offsets.halves, n * smallCounters.length);
    this.status = bytes(0);
    this.severity = bytes(1);
    this.bits = bytes(2);
  }

  /** CRC-32 over the block and where it belongs. */
  checksum(block: number): number {
    return crc32(this.bytes, block);
  }

  /** Takes the bytes of a stored block. False: they are not as they were written. */
  load(block: number, bytes: Uint8Array, checksum: number): boolean {
    if (bytes.length !== block_bytes) return false;
    this.bytes.set(bytes);
    return this.checksum(block) === checksum;
  }

  clear(): void {
    this.bytes.fill(0);
  }

  /** Whether an incident of the block was reported as done. */
  isReportedResolved(slot: number): boolean {
    return ((this.bits[slot] ?? 0) & reported_resolved_bit) !== 0;
  }

  /** Puts an incident in its place; null: it was deleted. */
  put(number: number, listed: ListedIncident | null, names: NameNumbers): void {
    const slot = (number - 1) % n;
    if (listed === null) {
      this.#forget(slot);
      return;
    }
    const { incident, measures } = listed;
    this.acknowledge_ms[slot] = measures.acknowledge_ms ?? Number.NaN;
    this.resolve_ms[slot] = measures.resolve_ms ?? Number.NaN;
    // A stay that has not ended is not measured yet.
    this.queue_ms[slot] = measures.pending_since_ms === null ? (measures.queue_ms ?? Number.NaN) : Number.NaN;
    this.day[slot] = Math.floor(Date.parse(incident.reported_at) / day_ms);
    this.team[slot] = names.numberOf(incident.team);
    this.handler[slot] = incident.assigned_to === null ? 0 : names.numberOf(incident.assigned_to);
    this.repeats[slot] = incident.repeats;
    for (const [index, counter] of smallCounters.entries()) {
      this.counters[index * n + slot] = Math.min(measures[counter], most_counted);
    }
    this.status[slot] = statusNumber(incident);
    this.severity[slot] = incident.severity;
    this.bits[slot] = measures.reported_resolved ? reported_resolved_bit : 0;
  }

  #forget(slot: number): void {
    for (const column of [this.acknowledge_ms, this.resolve_ms, this.queue_ms]) column[slot] = 0;
    for (const column of [this.day, this.team, this.handler, this.repeats]) column[slot] = 0;
    for (const index of smallCounters.keys()) this.counters[index * n + slot] = 0;
    for (const column of [this.status, this.severity, this.bits]) column[slot] = 0;
  }
}

/** How a status stands in a block: from 1 on, in the order of `listedStatuses`; 0 is for what is not listed. */
function statusNumber({ status }: Incident): number {
  const listed: readonly string[] = listedStatuses;
  return listed.indexOf(status) + 1;
}
