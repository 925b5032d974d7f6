import { setTimeout as sleep } from "node:timers/promises";
import { Choices } from "../../tests/simulation/choices.ts";
import { insist } from "./attack.ts";
import type { Reply, Victim } from "./victim.ts";

/** One write that a client wants done: once, whatever happens to the service meanwhile. */
interface Write {
  /** Its idempotency key, and a mark in what it writes, by which it is found in the ledger. */
  readonly mark: string;
  readonly method: "POST" | "PATCH";
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What was answered to a write. */
export interface Answered {
  readonly status: number;
  readonly position: number;
}

const retry_ms = 40;

/**
 * Clients that write at the same time, each on incidents of its own: a report, then changes of title and severity, a
 * resolution. Each write has an idempotency key and is sent until it is answered, over as many services as it takes.
 */
export class Writers {
  /** What was promised, by mark. */
  readonly answered = new Map<string, Answered>();
  /** Everything that was ever sent. */
  readonly sent = new Set<string>();
  /** Answers that said: not now. */
  refusals = 0;
  readonly #clients: readonly Client[];
  #isStopped = true;
  #working: Promise<unknown> = Promise.resolve();

  constructor(count: number, seed: number) {
    this.#clients = Array.from({ length: count }, (_, index) => new Client(index, new Choices(seed + index)));
  }

  /** Sends each client to work on a victim, until `stop` or until the victim dies. */
  start(victim: Victim): void {
    this.#isStopped = false;
    this.#working = Promise.all(this.#clients.map((client) => client.work(victim, this, () => this.#isStopped)));
    // Whoever calls `stop` hears of it.
    this.#working.catch(() => {});
  }

  /** Resolves when each client has its last answer, or has lost the victim; rejects where an answer was wrong. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
  }

  /** Has each client do so many writes, and waits until all are answered. */
  async each(victim: Victim, writes: number): Promise<void> {
    await Promise.all(
      this.#clients.map((client) => {
        let left = writes;
        return client.work(victim, this, () => left-- <= 0);
      }),
    );
  }

  /** Sends what is not answered yet until it is. */
  async settle(victim: Victim): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.work(victim, this, () => client.pending === null)));
  }
}

class Client {
  /** What was sent and not answered yet. */
  pending: Write | null = null;
  readonly #index: number;
  readonly #choices: Choices;
  #count = 0;
  #number: number | null = null;
  #severity = 5;
  #last: { readonly write: Write; readonly reply: Reply } | null = null;

  constructor(index: number, choices: Choices) {
    this.#index = index;
    this.#choices = choices;
  }

  async work(victim: Victim, book: Writers, isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      this.pending ??= this.#next();
      book.sent.add(this.pending.mark);
      const reply = await send(victim, this.pending);
      if (reply === null) {
        if (!victim.isAlive()) return;
        await sleep(retry_ms);
      } else await this.#read(reply, victim, book);
    }
  }

  #next(): Write {
    this.#count += 1;
    const mark = `<<${this.#index}.${this.#count}>>`;
    if (this.#number === null) {
      this.#severity = 2 + this.#choices.below(4);
      return { mark, method: "POST", path: "/incidents", body: { title: `report ${mark}`, severity: this.#severity } };
    }
    const path = `/incidents/${this.#number}`;
    const step = this.#choices.below(4);
    if (step === 0) return { mark, method: "PATCH", path, body: { title: `changed ${mark}` } };
    if (step === 1 && this.#severity > 1) {
      this.#severity -= 1;
      return {
        mark,
        method: "POST",
        path: `${path}/escalate`,
        body: { severity: this.#severity, reason: `worse ${mark}` },
      };
    }
    this.#number = null;
    return { mark, method: "POST", path: `${path}/resolve`, body: { resolution: `done ${mark}` } };
  }

  async #read(reply: Reply, victim: Victim, book: Writers): Promise<void> {
    const write = this.pending;
    if (write === null) return;
    if (reply.status === 503) {
      insist(Number(reply.headers["retry-after"]) >= 1, `a 503 without Retry-After: ${reply.text}`);
      book.refusals += 1;
      await sleep(retry_ms);
      return;
    }
    const what = `${write.method} ${write.path} ${write.mark}: ${reply.status} ${reply.text.slice(0, 500)}`;
    insist(reply.status === 200 || reply.status === 201, what);
    book.answered.set(write.mark, { status: reply.status, position: Number(reply.headers["ledger-position"]) });
    if (write.path === "/incidents") this.#number = Number(reply.json.number);
    this.pending = null;
    const last = this.#last;
    this.#last = { write, reply };
    if (last !== null && this.#choices.percent(3)) await repeat(last.write, last.reply, victim);
  }
}

/** A key that was answered once is answered with the same incident and status for ever. */
async function repeat(write: Write, first: Reply, victim: Victim): Promise<void> {
  const again = await send(victim, write);
  if (again === null || again.status === 503) return;
  const isSame = again.status === first.status && again.json.number === first.json.number;
  insist(
    isSame && again.headers["idempotency-replayed"] === "true",
    `${write.mark} asked again: ${again.status} ${again.text.slice(0, 300)}`,
  );
}

async function send(victim: Victim, { mark, method, path, body }: Write): Promise<Reply | null> {
  try {
    return await victim.ask(method, path, body, { "idempotency-key": mark });
  } catch {
    // No answer, or half of one: the client does not know, and asks again.
    return null;
  }
}
