import type { HashedEvent } from "../../ledger/ledger.ts";
import { type EventFilter, filterKey, wants } from "./event-filter.ts";
import type { FeedClient } from "./feed-client.ts";
import { eventFrame } from "./frames.ts";

/** Clients that want the same events, and so get the same bytes. */
interface Group {
  readonly filter: EventFilter;
  readonly members: Set<FeedClient>;
}

interface Frame {
  readonly position: number;
  readonly bytes: Buffer;
}

const nothing: readonly string[] = [];
/** What is written to a client at once: between two such slices the connections get their turn. */
const slice_bytes = 262_144;

/** The clients at the head of the ledger. Each event is put into words once, and all that want it share the bytes. */
export class FanOut {
  readonly #buffer_bytes: number;
  readonly #onSlow: (client: FeedClient) => void;
  readonly #groups = new Map<string, Group>();
  #size = 0;

  /** Calls `onSlow` with a client that has more than so many bytes waiting, in the place of sending it more. */
  constructor(buffer_bytes: number, onSlow: (client: FeedClient) => void) {
    this.#buffer_bytes = buffer_bytes;
    this.#onSlow = onSlow;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether somebody wants the events of one team. */
  get needsTeams(): boolean {
    for (const { filter } of this.#groups.values()) if (filter.team !== null) return true;
    return false;
  }

  add(client: FeedClient): void {
    const key = filterKey(client.filter);
    const group = this.#groups.get(key) ?? { filter: client.filter, members: new Set() };
    this.#groups.set(key, group);
    if (group.members.has(client)) return;
    group.members.add(client);
    this.#size += 1;
  }

  remove(client: FeedClient): void {
    const key = filterKey(client.filter);
    const group = this.#groups.get(key);
    if (group?.members.delete(client) !== true) return;
    this.#size -= 1;
    if (group.members.size === 0) this.#groups.delete(key);
  }

  /**
   * Sends the first of these events, as many as make a slice, to all who want them; returns how many that were. They are
   * gapless; a client that is further already gets only what is new to it. `teams` are needed where `needsTeams`.
   */
  deliver(events: readonly HashedEvent[], teams: readonly (readonly string[])[] | null): number {
    const frames = new Map<Group, Frame[]>();
    let bytes = 0;
    let count = 0;
    for (const [index, event] of events.entries()) {
      if (bytes >= slice_bytes) break;
      count += 1;
      let frame: Frame | undefined;
      for (const group of this.#groups.values()) {
        if (!wants(group.filter, event, teams?.[index] ?? nothing)) continue;
        if (frame === undefined) {
          frame = { position: event.position, bytes: eventFrame(event) };
          bytes += frame.bytes.length;
        }
        const wanted = frames.get(group);
        if (wanted === undefined) frames.set(group, [frame]);
        else wanted.push(frame);
      }
    }
    const before = (events[0]?.position ?? 1) - 1;
    for (const group of [...this.#groups.values()]) this.#send(group, frames.get(group) ?? [], before, before + count);
    return count;
  }

  #send({ members }: Group, frames: readonly Frame[], before: number, reached: number): void {
    const told = frames.at(-1)?.position;
    const shared = joined(frames);
    for (const client of [...members]) {
      const { position } = client;
      if (position >= reached || !client.isOpen) continue;
      if (told === undefined || told <= position) client.skipTo(reached);
      else if (client.buffered_bytes > this.#buffer_bytes) this.#onSlow(client);
      else
        client.send(
          position === before ? shared : joined(frames.filter((one) => one.position > position)),
          told,
          reached,
        );
    }
  }

  /** All clients, as they are now. */
  clients(): readonly FeedClient[] {
    return [...this.#groups.values()].flatMap(({ members }) => [...members]);
  }
}

function joined(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  return first !== undefined && frames.length === 1 ? first.bytes : Buffer.concat(frames.map(({ bytes }) => bytes));
}
