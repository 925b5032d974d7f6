import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { insist } from "./attack.ts";
import type { Victim } from "./victim.ts";

const pause_ms = 100;

/** What was seen of a service while it was watched. */
export interface Watched {
  /** The longest that an answer of `/livez` took. */
  readonly longest_livez_ms: number;
  /** The most memory that the process held. */
  readonly most_mb: number;
}

/** Asks `/livez` all the time, over a connection of its own, and looks how much memory the service holds. */
export function watch(victim: Victim): { readonly stop: () => Promise<Watched> } {
  let isOver = false;
  let longest_livez_ms = 0;
  let most_mb = 0;
  const watching = (async () => {
    while (!isOver) {
      const began_ms = performance.now();
      const { status } = await victim.ask("GET", "/livez");
      insist(status === 200, `/livez is answered with ${status}`);
      longest_livez_ms = Math.max(longest_livez_ms, performance.now() - began_ms);
      most_mb = Math.max(most_mb, residentOf(victim.pid));
      await sleep(pause_ms);
    }
  })();
  // Whoever calls `stop` hears of it.
  watching.catch(() => {});
  return {
    async stop() {
      isOver = true;
      await watching;
      return { longest_livez_ms, most_mb };
    },
  };
}

/** The memory that a process holds, in megabytes. */
export function residentOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

/** A figure that a service shows of itself, by its name and labels as they stand in `/metrics`. */
export async function figureOf(victim: Victim, name: string): Promise<number> {
  const { text } = await victim.ask("GET", "/metrics");
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  insist(line !== undefined, `/metrics does not show ${name}`);
  return Number(line.slice(name.length + 1));
}
