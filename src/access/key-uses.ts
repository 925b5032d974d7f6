import { limits } from "../config.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { AccessLog } from "./access-log.ts";
import { networkOf } from "./client-network.ts";
import type { KeyNetworks } from "./key-networks.ts";
import type { Keys } from "./keys.ts";

/** What uses of keys are noted with. */
export interface KeyUsesOptions {
  readonly keys: Pick<Keys, "noteUses">;
  readonly networks: Pick<KeyNetworks, "of" | "add">;
  readonly access_log: AccessLog;
  readonly runtime: Pick<Runtime, "now" | "after">;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** Where a request with a key came from. */
export interface KeySighting {
  readonly address: string;
  readonly user_agent?: string;
}

interface Use {
  readonly key_id: number;
  address: string;
  used_ms: number;
  isNoted: boolean;
  /** Addresses that need no second look. */
  readonly seen: Set<string>;
  networks: Promise<Set<string>> | null;
  /** The minute of the last new network, and how many there were in it. */
  news_minute: number;
  news: number;
}

const write_ms = 60_000;
/** The administrator's key is in no table: it has the number that no other has. */
const adminKey = 0;

/**
 * When and from where keys were last used. Every request with a key comes by here, so all that happens mostly is two looks
 * into maps; once a minute it is written for all keys that were used. The first use from a network is told to the access log.
 */
export class KeyUses {
  readonly #options: KeyUsesOptions;
  readonly #uses = new Map<string, Use>();
  readonly #used = new Set<Use>();
  readonly #looking = new Set<Promise<void>>();
  #cancelWrite: (() => void) | null = null;
  #isClosed = false;

  constructor(options: KeyUsesOptions) {
    this.#options = options;
  }

  /** Notes a request of `key:<id>` or `admin`; others have no key. Neither fails nor waits. */
  note(actor: string, address: string, user_agent: string | undefined): void {
    const use = this.#uses.get(actor) ?? this.#first(actor);
    if (use === null) return;
    use.used_ms = this.#options.runtime.now();
    if (!use.isNoted) this.#toWrite(use);
    use.address = address;
    if (use.seen.has(address)) return;
    if (use.seen.size >= limits.key_networks) use.seen.clear();
    use.seen.add(address);
    const looking = this.#look(actor, use, { address, ...(user_agent === undefined ? {} : { user_agent }) });
    this.#looking.add(looking);
    void looking.finally(() => this.#looking.delete(looking));
  }

  /** Writes when and from where keys were used. A failure is told and tried again later; it never rejects. */
  async flush(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = null;
    await Promise.all(this.#looking);
    const used = [...this.#used];
    if (used.length === 0) return;
    for (const use of used) use.isNoted = false;
    this.#used.clear();
    const uses = used.map(
      ({ key_id, used_ms, address: from }) => [key_id, { at: new Date(used_ms).toISOString(), from }] as const,
    );
    try {
      await this.#options.keys.noteUses(new Map(uses.filter(([key_id]) => key_id !== adminKey)));
    } catch (error) {
      this.#options.onTrouble("When keys were last used could not be written; it is tried again in a minute.", error);
      for (const use of used) if (!use.isNoted) this.#toWrite(use);
    }
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  #first(actor: string): Use | null {
    const key_id = actor === "admin" ? adminKey : Number(/^key:(\d+)$/.exec(actor)?.[1] ?? Number.NaN);
    if (Number.isNaN(key_id)) return null;
    const use = {
      key_id,
      address: "",
      used_ms: 0,
      isNoted: false,
      seen: new Set<string>(),
      networks: null,
      news_minute: 0,
      news: 0,
    };
    this.#uses.set(actor, use);
    return use;
  }

  #toWrite(use: Use): void {
    use.isNoted = true;
    this.#used.add(use);
    if (this.#isClosed || this.#cancelWrite !== null) return;
    this.#cancelWrite = this.#options.runtime.after(write_ms, () => {
      this.#cancelWrite = null;
      void this.flush();
    });
  }

  /** A key that is used from ever new places takes so many writes a minute, and no more; what is beyond is not news. */
  #isRoomForNews(use: Use): boolean {
    const minute = Math.floor(this.#options.runtime.now() / write_ms);
    if (use.news_minute !== minute) {
      use.news_minute = minute;
      use.news = 0;
    }
    use.news += 1;
    return use.news <= limits.key_networks_per_minute;
  }

  async #look(actor: string, use: Use, sighting: KeySighting): Promise<void> {
    const { networks, access_log, runtime, onTrouble } = this.#options;
    const network = networkOf(sighting.address);
    try {
      use.networks ??= networks.of(use.key_id).then((known) => new Set(known));
      const known = await use.networks;
      if (known.has(network)) {
        // The latest stand last.
        known.delete(network);
        known.add(network);
        return;
      }
      if (!this.#isRoomForNews(use)) return;
      known.add(network);
      for (const oldest of known) {
        if (known.size <= limits.key_networks) break;
        known.delete(oldest);
      }
      access_log.record({ kind: "key-first-used-from", actor, ...sighting });
      await networks.add(use.key_id, network, new Date(runtime.now()).toISOString());
    } catch (error) {
      // Seen again, it is looked at again.
      use.networks = null;
      use.seen.delete(sighting.address);
      onTrouble("From where a key was used could not be noted.", error);
    }
  }
}
