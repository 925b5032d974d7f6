import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { insist } from "./attack.ts";
import type { Victim } from "./victim.ts";

/**
 * A client of `GET /events/stream` that can stop reading. Where it is cut off it comes back with the last id that it has, and
 * it knows at each event whether one is missing or comes twice.
 */
export class StreamFollower {
  /** Of the last event that came. */
  position: number;
  /** How often it was cut off, and came back. */
  cut_offs = 0;
  /** What was wrong with what came. */
  readonly faults: string[] = [];
  readonly #victim: Pick<Victim, "address" | "key">;
  #request: ClientRequest | null = null;
  #response: IncomingMessage | null = null;
  #is_reading = true;
  #is_ended = false;

  constructor(victim: Pick<Victim, "address" | "key">, position: number) {
    this.#victim = victim;
    this.position = position;
  }

  /** Resolves when the stream has begun. */
  begin(): Promise<void> {
    const { address, key } = this.#victim;
    const headers = { authorization: `Bearer ${key}`, "last-event-id": String(this.position) };
    return new Promise((resolve, reject) => {
      const request = get(`${address}/events/stream`, { headers, agent: false }, (response) => {
        if (response.statusCode !== 200) this.faults.push(`a stream is answered with ${response.statusCode}`);
        this.#response = response;
        this.#follow(response);
        resolve();
      });
      request.once("error", reject);
      this.#request = request;
    });
  }

  /** Takes nothing any more. */
  stall(): void {
    this.#is_reading = false;
    this.#response?.pause();
  }

  /** Takes what there is, as fast as it comes. */
  goOn(): void {
    this.#is_reading = true;
    this.#response?.resume();
  }

  end(): void {
    this.#is_ended = true;
    this.#request?.destroy();
  }

  #follow(response: IncomingMessage): void {
    let rest = "";
    response.setEncoding("utf8");
    // A connection that breaks is one that ends.
    response.on("error", () => {});
    response.on("data", (text: string) => {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    });
    response.on("close", () => {
      if (this.#is_ended) return;
      this.cut_offs += 1;
      this.begin().catch((error: Error) => this.faults.push(error.message));
    });
    if (!this.#is_reading) response.pause();
  }

  #take(block: string): void {
    const position = Number(/^id: (\d+)$/m.exec(block)?.[1] ?? this.position);
    const expected = this.position + (/^data: /m.test(block) ? 1 : 0);
    if (position !== expected) this.faults.push(`after position ${this.position} the stream goes on with ${position}`);
    this.position = position;
  }
}

/** Fails where something was wrong with what a follower was sent. */
export function insistWhole({ faults }: StreamFollower): void {
  insist(faults.length === 0, faults.slice(0, 3).join("; "));
}
