import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/*
 * Many clients of the live feed in a process of their own: `feed-clients.ts <url> <key> <clients>`. Prints "ready" when all
 * streams have begun. Told "stop <position>" on its standard input, it waits until every client has got every event up to
 * there, prints one JSON line of what it saw, and ends. Each client checks each event: its position must be the next.
 */
const [, , url = "", key = "", count = "1"] = process.argv;
const { hostname, port } = new URL(url);
const clients = Number(count);
const idMark = Buffer.from("\nid: ");
const timeMark = Buffer.from('"recorded_at":"');
const digit0 = 48;
const newline = 10;

/** Milliseconds from an event's desk time to its arrival, counted; the last one is all that took longer. */
const lags = new Uint32Array(60_001);
let events = 0;
let broken = 0;
let ready = 0;
let target = Number.POSITIVE_INFINITY;
let arrived = 0;

class Client {
  position = -1;
  hasArrived = false;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("close", () => {
      broken += 1;
    });
    socket.on("error", () => {});
    socket.write(`GET /events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`);
  }

  /** Walks from id to id; chunk headers between the blocks do not matter, since an event is never cut by one. */
  #take(chunk: Buffer): void {
    const now_ms = Date.now();
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const id = bytes.indexOf(idMark, at);
      const end = id < 0 ? -1 : bytes.indexOf("\n\n", id);
      if (id < 0 || end < 0) break;
      this.#block(bytes, id, end, now_ms);
      // The second line end of a block may be the one before the next id.
      at = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  #block(bytes: Buffer, id: number, end: number, now_ms: number): void {
    let position = 0;
    let at = id + idMark.length;
    for (; bytes[at] !== newline; at += 1) position = position * 10 + (bytes[at] ?? 0) - digit0;
    if (this.position < 0) {
      ready += 1;
      if (ready === clients) process.stdout.write("ready\n");
    } else {
      if (position !== this.position + 1) throw new Error(`after ${this.position} came ${position}`);
      events += 1;
      const time = bytes.indexOf(timeMark, at) + timeMark.length;
      if (time > end) throw new Error(`the event at ${position} has no time`);
      const lag_ms = now_ms - Date.parse(bytes.toString("latin1", time, time + 24));
      const counted_ms = Math.max(0, Math.min(lag_ms, lags.length - 1));
      lags[counted_ms] = (lags[counted_ms] ?? 0) + 1;
    }
    this.position = position;
    this.check();
  }

  check(): void {
    if (this.hasArrived || this.position < target) return;
    this.hasArrived = true;
    arrived += 1;
    if (arrived === clients) finish();
  }
}

function lagAt(share: number): number {
  const wanted = events * share;
  let seen = 0;
  for (let lag_ms = 0; lag_ms < lags.length; lag_ms += 1) {
    seen += lags[lag_ms] ?? 0;
    if (seen >= wanted) return lag_ms;
  }
  return lags.length;
}

function finish(): void {
  const result = { clients, events, broken, p50_ms: lagAt(0.5), p99_ms: lagAt(0.99), max_ms: lagAt(1) };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit();
}

const all: Client[] = [];
for (let index = 0; index < clients; index += 1) {
  const socket = connect(Number(port), hostname);
  all.push(new Client(socket));
  // Not more at once than a listening socket lets wait.
  if (index % 50 === 49) await new Promise((resolve) => socket.once("data", resolve));
}
createInterface({ input: process.stdin }).on("line", (line) => {
  target = Number(line.replace("stop ", ""));
  for (const client of all) client.check();
});
