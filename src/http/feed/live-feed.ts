import { setImmediate as nextTurn } from "node:timers/promises";
import type { HashedEvent, Ledger } from "../../ledger/ledger.ts";
import { UnreadableEvent } from "../../ledger/ledger-errors.ts";
import { readCommits } from "../../ledger/read-commits.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { FanOut } from "./fan-out.ts";
import { FeedClient, type Follower } from "./feed-client.ts";
import { sendHistory } from "./history.ts";
import { TeamsAlong } from "./teams-along.ts";
import { Turns } from "./turns.ts";
import { Welcomes } from "./welcomes.ts";

/** The limits of a feed: see `limits` in `src/config.ts`. */
export interface FeedLimits {
  readonly feed_clients: number;
  readonly feed_buffer_bytes: number;
  readonly feed_standstill_ms: number;
  readonly feed_heartbeat_ms: number;
  readonly feed_retry_ms: number;
}

/** What a feed needs. */
export interface LiveFeedOptions {
  readonly ledger: Pick<Ledger, "head" | "read" | "subscribe">;
  readonly runtime: Pick<Runtime, "after" | "elapsed" | "random">;
  readonly limits: FeedLimits;
  /** Learns what others have put on record of users and keys. */
  readonly learn?: () => Promise<void>;
  /** Hears of what went wrong, for the log. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

/** After so much work as a round took, others get this many times as much, up to the longest rest. */
const rest_factor = 3;
const longest_rest_ms = 50;
/** When it looks again, where the ledger could not be read. */
const failed_rest_ms = 1000;

/**
 * Sends the ledger to those who follow it. A client that is behind reads history page by page, as fast as it takes it; at the
 * head it joins those who get each new event in the same bytes. It reads what is durable from the ledger itself, whoever
 * wrote it, and only while somebody follows.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #live: FanOut;
  readonly #behind = new Set<FeedClient>();
  readonly #turns = new Turns();
  readonly #teams: TeamsAlong;
  readonly #welcomes: Welcomes;
  /** What those at the head have been sent; null: nobody is there. */
  #position: number | null = null;
  #isRunning = false;
  #isClosed = false;
  /** Since when there is news that was not sent, on the clock that never runs back. */
  #news_since_ms: number | null = null;
  #lag_ms = 0;
  #cut_off = 0;
  #stopBeating: (() => void) | null = null;
  readonly #unsubscribe: () => void;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#teams = new TeamsAlong(options.ledger);
    const { runtime, learn } = options;
    this.#welcomes = new Welcomes({ runtime, learn, onError: (client, error) => this.#fail([client], error) });
    this.#live = new FanOut(options.limits.feed_buffer_bytes, (client) => this.#cutOff(client));
    this.#unsubscribe = options.ledger.subscribe(() => this.#wake());
  }

  /** How many follow, at the head or behind it. */
  get clients(): number {
    return this.#live.size + this.#behind.size;
  }

  /** How many of them read history. */
  get catching_up(): number {
    return this.#behind.size;
  }

  /** How many were cut off because they were too slow, since the start. */
  get cut_off(): number {
    return this.#cut_off;
  }

  /** From when the feed heard of the last new events to when they were written to all who wanted them. */
  get lag_ms(): number {
    return this.#lag_ms;
  }

  /** Why nobody more may follow just now; null: they may. */
  get refusal(): "closing" | "too-many-followers" | null {
    if (this.#isClosed) return "closing";
    return this.clients >= this.#options.limits.feed_clients ? "too-many-followers" : null;
  }

  /** Begins a stream. The caller has made sure that there is no `refusal`. */
  follow(follower: Follower, headers: Parameters<FeedClient["begin"]>[0]): void {
    const { ledger, runtime, limits } = this.#options;
    const client = new FeedClient(follower, new TeamsAlong(ledger), runtime);
    this.#behind.add(client);
    client.begin(headers, limits.feed_retry_ms + randomUpTo(limits.feed_retry_ms, runtime), () => this.#forget(client));
    if (this.#stopBeating === null) this.#beatLater();
    this.#catchUp(client).catch((error: unknown) => this.#fail([client], error));
  }

  /** Ends all streams in order, and takes no more. Does not wait for those who are slow. */
  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#stopBeating?.();
    for (const client of [...this.#behind, ...this.#live.clients()])
      client.end("the service stops; resume with this id");
  }

  async #catchUp(client: FeedClient): Promise<void> {
    const { ledger } = this.#options;
    while (client.isOpen) {
      const head = this.#position ?? (await ledger.head()).position;
      // Somebody else may have joined meanwhile. From here to joining nothing is awaited: that is what leaves no gap.
      const until = this.#position ?? head;
      if (client.position >= until) {
        this.#join(client);
        return;
      }
      await this.#turns.take(() => sendHistory(ledger, client, until, this.#welcomes));
      await client.drained();
    }
  }

  /** What comes after the client's position comes after the feed's too, or is new to this client alone. */
  #join(client: FeedClient): void {
    this.#behind.delete(client);
    this.#live.add(client);
    this.#position ??= client.position;
    this.#wake();
  }

  #wake(): void {
    if (this.#isClosed || this.#live.size === 0) return;
    this.#news_since_ms ??= this.#options.runtime.elapsed();
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** One round after another while there is news. What gathers while it rests goes out together. */
  async #run(): Promise<void> {
    const { runtime } = this.#options;
    while (this.#news_since_ms !== null && this.#live.size > 0 && !this.#isClosed) {
      const began_ms = runtime.elapsed();
      const news_since_ms = this.#news_since_ms;
      this.#news_since_ms = null;
      const is_done = await this.#round();
      const ended_ms = runtime.elapsed();
      this.#lag_ms = ended_ms - news_since_ms;
      if (!is_done) this.#news_since_ms ??= news_since_ms;
      await this.#rest(is_done ? Math.min(longest_rest_ms, rest_factor * (ended_ms - began_ms)) : failed_rest_ms);
    }
    this.#isRunning = false;
    this.#restIfAlone();
  }

  /** With nobody at the head there is nothing to keep up with. */
  #restIfAlone(): void {
    if (this.#isRunning || this.#live.size > 0) return;
    this.#position = null;
    this.#news_since_ms = null;
  }

  #rest(rest_ms: number): Promise<void> {
    return rest_ms < 1
      ? nextTurn()
      : new Promise((resolve) => {
          this.#options.runtime.after(rest_ms, resolve);
        });
  }

  /** Sends what is new. Whether the ledger could be read. */
  async #round(): Promise<boolean> {
    const { ledger, onTrouble } = this.#options;
    try {
      const after = this.#position ?? 0;
      const { position: until } = await ledger.head();
      for await (const events of readCommits(ledger, { after, until })) {
        for (let rest = events; rest.length > 0 && this.#live.size > 0; ) {
          const teams = await this.#prepare(rest);
          const sent = this.#live.deliver(rest, teams);
          this.#position = rest[sent - 1]?.position ?? this.#position;
          rest = rest.slice(sent);
          await nextTurn();
        }
        if (this.#live.size === 0) return true;
      }
      return true;
    } catch (error) {
      // What cannot be read now may be readable later, but not an event that is damaged.
      if (error instanceof UnreadableEvent) this.#fail(this.#live.clients(), error);
      else onTrouble?.("the live feed could not read the ledger", error);
      return false;
    }
  }

  /** Finds out for whom events are, and sends away who may not have them. Gives their teams, where somebody wants one's. */
  async #prepare(events: readonly HashedEvent[]): Promise<Awaited<ReturnType<TeamsAlong["of"]>> | null> {
    await this.#welcomes.learnOf(events);
    const doubtfulOf = this.#welcomes.before(events);
    let teams: Awaited<ReturnType<TeamsAlong["of"]>> | null = null;
    // Whoever joins while something is awaited is waited for, too.
    for (;;) {
      const doubtful = doubtfulOf(this.#live.clients());
      if (doubtful.length > 0) await this.#welcomes.askAll(doubtful);
      else if (teams === null && this.#live.needsTeams) teams = await this.#teamsOf(events);
      else return teams;
    }
  }

  #teamsOf(events: readonly HashedEvent[]) {
    const after = (events[0]?.position ?? 1) - 1;
    return this.#teams.of(events, { after, reached: events.at(-1)?.position ?? after });
  }

  #beatLater(): void {
    const { runtime, limits } = this.#options;
    this.#stopBeating = runtime.after(limits.feed_heartbeat_ms, () => {
      this.#stopBeating = null;
      if (this.clients === 0 || this.#isClosed) return;
      this.#beatLater();
      for (const client of [...this.#behind, ...this.#live.clients()]) this.#beat(client);
      // Who else writes to this ledger may not have been heard of.
      this.#wake();
    });
  }

  #beat(client: FeedClient): void {
    // One who was sent away a heartbeat ago and has not heard it never will.
    if (!client.isOpen) client.cutOff();
    else if (client.standstill_ms() > this.#options.limits.feed_standstill_ms) this.#cutOff(client);
    else this.#greet(client);
  }

  #greet(client: FeedClient): void {
    const isWelcome = this.#welcomes.ask(client);
    if (isWelcome instanceof Promise) void isWelcome.then((is_welcome) => is_welcome && client.beat());
    else if (isWelcome) client.beat();
  }

  #cutOff(client: FeedClient): void {
    this.#cut_off += 1;
    this.#forget(client);
    client.cutOff();
  }

  #forget(client: FeedClient): void {
    this.#behind.delete(client);
    this.#live.remove(client);
    this.#restIfAlone();
  }

  #fail(clients: readonly FeedClient[], error: unknown): void {
    this.#options.onTrouble?.("a stream of events ended early", error);
    const why =
      error instanceof UnreadableEvent
        ? `the event at position ${error.position} cannot be read`
        : "the ledger cannot be read just now";
    for (const client of clients) {
      this.#forget(client);
      client.end(why);
    }
  }
}

function randomUpTo(most: number, { random }: Pick<Runtime, "random">): number {
  const [high = 0, low = 0] = random(2);
  return Math.floor((most * (high * 256 + low)) / 65_536);
}
