import type { EventName } from "../../events/registry.ts";
import { keyStream, userStream } from "../../events/stream.ts";
import type { Board } from "../../projections/board.ts";
import type { HashedEvent, Ledger } from "../ledger/ledger.ts";
import { largestPage } from "../ledger/page.ts";
import type { AccessFilter } from "./access-records.ts";

/** Which events change who may do what. */
export const accessEventNames = [
  "user.created",
  "user.role-changed",
  "user.teams-changed",
  "user.handler-changed",
  "user.profile-changed",
  "user.invited",
  "user.deactivated",
  "user.reactivated",
  "user.erased",
  "key.created",
  "key.rotated",
  "key.rotation-ended",
  "key.revoked",
] as const satisfies readonly EventName[];

/** Where in the ledger who may do what was changed: enough to find the events that somebody asks for. */
interface AccessChange {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly actor: string;
  /** `user/7` or `key/3`. */
  readonly stream: string;
}

/** The streams of users and keys as a board has them, and where that board is. */
export interface AccessStreams {
  readonly position: number;
  readonly versions: ReadonlyMap<string, number>;
}

/** What a board says of the streams of users and keys. */
export function accessStreamsOf({ position, users, keys }: Board): AccessStreams {
  const versions = new Map<string, number>();
  for (const { user, version } of users.values()) versions.set(userStream(user), version);
  for (const { key, version } of keys.values()) versions.set(keyStream(key), version);
  return { position, versions };
}

/**
 * Finds the events that change who may do what. It remembers where they are and reads only streams that have grown since it was
 * last asked, so a question costs nothing where nothing has changed, however long the ledger is.
 */
export class AccessChanges {
  readonly #ledger: Pick<Ledger, "read">;
  readonly #changes: AccessChange[] = [];
  readonly #read = new Map<string, { readonly version: number; readonly position: number }>();
  #reading: Promise<unknown> = Promise.resolve();

  constructor(ledger: Pick<Ledger, "read">) {
    this.#ledger = ledger;
  }

  /** Learns of everything up to a board. */
  async learn(streams: AccessStreams): Promise<void> {
    const reading = this.#reading.then(() => this.#learn(streams));
    // One who fails keeps nobody else from trying.
    this.#reading = reading.catch(() => {});
    await reading;
  }

  /** One page of the events, newest first: those before `before`, an instant and a position. */
  async page(
    filter: AccessFilter,
    before: { readonly at: string; readonly position: number },
    limit: number,
  ): Promise<readonly HashedEvent[]> {
    const found: number[] = [];
    for (let index = this.#changes.length - 1; index >= 0 && found.length < limit; index -= 1) {
      const change = this.#changes[index];
      if (change !== undefined && isBefore(change, before) && fits(change, filter)) found.push(change.position);
    }
    const pages = await Promise.all(
      found.map((position) => this.#ledger.read({ after: position - 1, until: position, limit: 1 })),
    );
    return pages.flat();
  }

  /** How many of the events match. */
  count(filter: AccessFilter): number {
    return this.#changes.filter((change) => fits(change, filter)).length;
  }

  async #learn({ position: until, versions }: AccessStreams): Promise<void> {
    const known = this.#changes.length;
    for (const [stream, version] of versions) {
      const before = this.#read.get(stream);
      if (before !== undefined && before.version >= version) continue;
      let after = before?.position ?? 0;
      const found: AccessChange[] = [];
      for (let isMore = true; isMore; ) {
        const events = await this.#ledger.read({ stream, after, until });
        for (const { position, recorded_at: at, type, actor } of events)
          found.push({ position, at, type, actor, stream });
        after = events.at(-1)?.position ?? after;
        isMore = events.length === largestPage;
      }
      this.#changes.push(...found);
      this.#read.set(stream, { version, position: after });
    }
    if (this.#changes.length > known) this.#changes.sort((a, b) => a.position - b.position);
  }
}

function isBefore({ at, position }: AccessChange, before: { readonly at: string; readonly position: number }): boolean {
  return at < before.at || (at === before.at && position < before.position);
}

function fits({ at, type, actor, stream }: AccessChange, filter: AccessFilter): boolean {
  const { actor: wanted, kinds, user_id, key_id, from, to } = filter;
  return (
    (wanted === undefined || actor === wanted) &&
    (kinds === undefined || kinds.includes(type)) &&
    (user_id === undefined || actor === `user:${user_id}` || stream === userStream(user_id)) &&
    (key_id === undefined || actor === `key:${key_id}` || stream === keyStream(key_id)) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to)
  );
}
