import { connect, type Socket } from "node:net";
import { insist } from "./attack.ts";

/** What came back over a connection. */
export interface Tally {
  /** How often each status came. */
  readonly statuses: Map<number, number>;
  /** The longest that an answer with 201 took, in milliseconds, from when its request was due to be sent. */
  longest_ms: number;
  /** 503s without Retry-After, and connections that broke. */
  readonly faults: string[];
}

const answer_head = /HTTP\/1\.1 (\d{3})[^\r]*\r\n([\s\S]*?)\r\n\r\n/g;

/**
 * A connection over which requests are sent without waiting for the answers before them: the cheapest way to ask for more than
 * a service can do.
 */
export class PipelinedClient {
  readonly #socket: Socket;
  readonly #tally: Tally;
  readonly #due_ms: number[] = [];
  #first = 0;
  #rest = "";
  #is_ended = false;

  constructor(address: string, tally: Tally) {
    const { hostname, port } = new URL(address);
    this.#tally = tally;
    this.#socket = connect(Number(port), hostname);
    this.#socket.setNoDelay(true);
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => this.#read(text));
    this.#socket.on("error", (error) => this.#tally.faults.push(error.message));
    this.#socket.on("close", () => {
      if (!this.#is_ended) this.#tally.faults.push("a connection was closed");
    });
  }

  /** How many answers have not come yet. */
  get open(): number {
    return this.#due_ms.length - this.#first;
  }

  /** Sends a request that was due at that moment, however much waits before it. */
  send(request: string, due_ms: number): void {
    this.#due_ms.push(due_ms);
    this.#socket.write(request, "latin1");
  }

  end(): void {
    this.#is_ended = true;
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#rest += text;
    let until = 0;
    for (const [head, status, headers] of this.#rest.matchAll(answer_head)) {
      const at = this.#rest.indexOf(head, until);
      const length = Number(/content-length: (\d+)/i.exec(headers ?? "")?.[1] ?? 0);
      const end = at + head.length + length;
      if (end > this.#rest.length) break;
      until = end;
      this.#answered(Number(status), headers ?? "");
    }
    this.#rest = this.#rest.slice(until);
  }

  #answered(status: number, headers: string): void {
    const { statuses, faults } = this.#tally;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const due_ms = this.#due_ms[this.#first];
    this.#first += 1;
    insist(due_ms !== undefined, "an answer that nobody asked for");
    if (status === 201) this.#tally.longest_ms = Math.max(this.#tally.longest_ms, performance.now() - due_ms);
    if (status === 503 && !/retry-after: [1-9]/i.test(headers)) faults.push("a 503 without Retry-After");
  }
}
