import { setTimeout as sleep } from "node:timers/promises";
import type { Reply, Victim } from "../torture/victim.ts";

const minute_ms = 60_000;
/** How much of what was answered last is shown where it was wrong. */
const shown_characters = 200;

/** Reports incidents at an even pace, changes each, reads and closes it, so that what is open stays as much as it was. */
export class EvenLoad {
  /** Answers that were wrong. */
  readonly faults: string[] = [];
  readonly #victim: Victim;
  readonly #rate: number;
  #begun = 0;

  constructor(victim: Victim, rate: number) {
    this.#victim = victim;
    this.#rate = rate;
  }

  /** A minute of it: how many incidents went through, and how long each answer took. */
  async minute(): Promise<{ readonly incidents: number; readonly latencies_ms: readonly number[] }> {
    const latencies_ms: number[] = [];
    const lives: Promise<void>[] = [];
    const began_ms = performance.now();
    for (let now_ms = began_ms; now_ms - began_ms < minute_ms; now_ms = performance.now()) {
      for (; lives.length < ((now_ms - began_ms) * this.#rate) / 1000; this.#begun += 1) {
        lives.push(this.#life(this.#begun, latencies_ms));
      }
      await sleep(5);
    }
    await Promise.all(lives);
    return { incidents: lives.length, latencies_ms };
  }

  async #life(index: number, latencies_ms: number[]): Promise<void> {
    const ask = async (method: "GET" | "POST" | "PATCH", path: string, body?: unknown): Promise<Reply> => {
      const began_ms = performance.now();
      const reply = await this.#victim.ask(method, path, body);
      latencies_ms.push(performance.now() - began_ms);
      if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
      return reply;
    };
    try {
      const { json } = await ask("POST", "/incidents", { title: `soak ${index}`, severity: 1 + (index % 5) });
      const incident = `/incidents/${json.number}`;
      await ask("PATCH", incident, { title: `soak ${index}, changed` });
      await ask("GET", index % 2 === 0 ? "/queue?limit=20" : "/incidents?limit=20");
      await ask("POST", `${incident}/close`, { reason: "done" });
    } catch (error) {
      this.faults.push(String(error).slice(0, shown_characters));
    }
  }
}
