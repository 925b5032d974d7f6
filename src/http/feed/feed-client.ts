import type { ServerResponse } from "node:http";
import type { Runtime } from "../../runtime/runtime.ts";
import type { EventFilter } from "./event-filter.ts";
import { farewellFrame, heartbeatFrame, openingFrame } from "./frames.ts";
import type { TeamsAlong } from "./teams-along.ts";

/** Who follows the ledger, and from where. */
export interface Follower {
  readonly response: ServerResponse;
  readonly filter: EventFilter;
  /** What comes after this position is sent. */
  readonly after: number;
  /** Whether the credential still holds. */
  readonly isWelcome: () => boolean | Promise<boolean>;
}

/** One client of the feed: the connection, and how far along the ledger it is. */
export class FeedClient {
  readonly filter: EventFilter;
  readonly teams: TeamsAlong;
  readonly #response: ServerResponse;
  readonly #runtime: Pick<Runtime, "elapsed">;
  #position: number;
  /** The last id that was sent. */
  #told: number;
  readonly #isWelcome: Follower["isWelcome"];
  #asked_ms = Number.NEGATIVE_INFINITY;
  #isOpen = true;
  #waiting_since_ms: number | null = null;

  constructor({ response, filter, after, isWelcome }: Follower, teams: TeamsAlong, runtime: Pick<Runtime, "elapsed">) {
    this.filter = filter;
    this.teams = teams;
    this.#isWelcome = isWelcome;
    this.#response = response;
    this.#runtime = runtime;
    this.#position = after;
    this.#told = after;
    // A connection that breaks is one that ends: the client comes back.
    response.on("error", () => {});
  }

  /** Everything up to here was sent, or is not wanted. */
  get position(): number {
    return this.#position;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** When it was last asked whether the credential holds, on the clock that never runs back. */
  get asked_ms(): number {
    return this.#asked_ms;
  }

  /** Asks whether the credential holds. */
  askWelcome(): boolean | Promise<boolean> {
    this.#asked_ms = this.#runtime.elapsed();
    return this.#isWelcome();
  }

  /** What waits in this process to be taken, in bytes. */
  get buffered_bytes(): number {
    return this.#response.writableLength;
  }

  /** Begins the stream; `onGone` is called once when it has ended, whoever ended it. */
  begin(
    headers: Readonly<Record<string, number | string | string[] | undefined>>,
    retry_ms: number,
    onGone: () => void,
  ) {
    // Who has left before the stream begins is not told of again.
    if (this.#response.destroyed || this.#response.closed) {
      this.#isOpen = false;
      onGone();
      return;
    }
    this.#response.once("close", () => {
      this.#isOpen = false;
      onGone();
    });
    this.#response.writeHead(200, { ...headers });
    this.#response.write(openingFrame(this.#position, retry_ms));
  }

  /** Sends frames, the last of which is the event at `told`, and stands at `position` from now on. */
  send(frames: Uint8Array, told: number, position: number): void {
    if (!this.#isOpen) return;
    this.#response.write(frames);
    this.#told = told;
    this.#position = position;
  }

  /** Nothing up to this position is wanted. */
  skipTo(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  /** Waits until the client has taken what was sent; at once, where that is little. */
  async drained(): Promise<void> {
    if (!this.#isOpen || !this.#response.writableNeedDrain) return;
    this.#waiting_since_ms = this.#runtime.elapsed();
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        this.#response.off("drain", settle).off("close", settle);
        resolve();
      };
      this.#response.on("drain", settle).on("close", settle);
    });
    this.#waiting_since_ms = null;
  }

  /** For how long it has taken nothing of the history that waits for it. */
  standstill_ms(): number {
    return this.#waiting_since_ms === null ? 0 : this.#runtime.elapsed() - this.#waiting_since_ms;
  }

  /** Gives a sign of life, unless there is more than enough under way. */
  beat(): void {
    if (!this.#isOpen || this.#response.writableNeedDrain) return;
    this.#response.write(heartbeatFrame(this.#position > this.#told ? this.#position : null));
    this.#told = this.#position;
  }

  /** Ends the stream in order: what was sent arrives, then the last words, then the end of the connection. */
  end(why: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { socket } = this.#response;
    this.#response.once("finish", () => socket?.end());
    this.#response.end(farewellFrame(why, this.#position));
  }

  /** Ends the connection without a word: the client takes nothing, and would not hear it. */
  cutOff(): void {
    this.#isOpen = false;
    this.#response.destroy();
  }
}
