import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../src/config.ts";
import { patience } from "../../tests/support/time-limit.ts";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist } from "./attack.ts";
import { PipelinedClient, type Tally } from "./pipelined-client.ts";
import { startVictim, type Victim } from "./victim.ts";

/** All together more than the desk's queue holds: as many clients, each of which asks again as soon as it is answered. */
const connections = 256;
const most_depth = 64;
/** How slowly they come: one more for each connection in this time. */
const deeper_ms = 50;
const turn_ms = 10;
/** What a service may grow by while it is overloaded: a full queue, and what the network has in hand. */
const growth_mb = 512;
/** Beside the wait that the limits state: a batch, and the answer's way. */
const answer_ms = 2000 * patience;

/**
 * Sixteen thousand clients report without a pause, where ten thousand commands may wait: what does not fit is turned away, what
 * is taken is answered in time, memory stays bounded, and `/livez` answers throughout.
 */
export const overload: Attack = {
  name: "overload",
  seconds: 9,
  needs: [],
  async run({ directory, hasTime }) {
    const data_dir = join(directory, "data");
    const victim = await startVictim(data_dir, { node_flags: ["--max-semi-space-size=64"] });
    const tally: Tally = { statuses: new Map(), longest_ms: 0, faults: [] };
    const clients = Array.from({ length: connections }, () => new PipelinedClient(victim.address, tally));
    const request = requestOf(victim);
    const taken = (): number => tally.statuses.get(201) ?? 0;
    // Node takes up one new connection a turn: all are there before the storm begins.
    for (const client of clients) client.send(request);
    insist((await victim.ask("GET", "/livez")).status === 200, "/livez is red");
    while (clients.some(({ open }) => open > 0)) await sleep(turn_ms);
    tally.longest_ms = 0;
    const before_mb = residentOf(victim);
    const watch = watched(victim);
    let asked = connections;
    const began_ms = performance.now();
    while (hasTime()) {
      const depth = Math.min(most_depth, 1 + (performance.now() - began_ms) / deeper_ms);
      for (const client of clients) for (; client.open < depth; asked += 1) if (!client.send(request)) break;
      await sleep(turn_ms);
    }
    const { longest_livez_ms, most_mb } = await watch.stop();
    while (clients.some(({ open }) => open > 0)) await sleep(turn_ms);
    for (const client of clients) client.end();
    const refused = tally.statuses.get(503) ?? 0;
    insist(tally.faults.length === 0, tally.faults.slice(0, 3).join("; "));
    insist(taken() > 0, "nothing was taken");
    insist(refused > 0, `nothing was turned away: ${asked} asked, ${taken()} taken`);
    const others = [...tally.statuses.keys()].filter((status) => status !== 201 && status !== 503);
    insist(others.length === 0, `answers with ${others.join(", ")}`);
    const limit_ms = limits.command_wait_ms + answer_ms;
    insist(tally.longest_ms < limit_ms, `a report was taken and answered after ${Math.round(tally.longest_ms)} ms`);
    insist(most_mb < before_mb + growth_mb, `it grew from ${before_mb} to ${most_mb} MB`);
    const { status } = await victim.ask("POST", "/incidents", { title: "after the storm" });
    insist(status === 201, `afterwards a report is answered with ${status}`);
    const reported = Number((await victim.ask("GET", "/incidents?limit=1&count=true")).json.total);
    insist(reported === taken() + 1, `${taken() + 1} reports were answered with 201, and ${reported} are there`);
    insist((await victim.ask("GET", "/readyz")).status === 200, "it is not ready afterwards");
    insist((await victim.end("SIGTERM")) === 0, `it does not stop in order:\n${victim.log().slice(-3000)}`);
    await new Aftermath(data_dir).checkLedger();
    const checked = `of ${asked} asked ${taken()} taken, ${refused} turned away, the slowest after ${Math.round(tally.longest_ms)} ms; ${most_mb} MB; /livez within ${Math.round(longest_livez_ms)} ms`;
    return { rounds: 1, checked };
  },
};

function requestOf({ address, key }: Victim): string {
  const body = JSON.stringify({ title: "one of very many", severity: 3 });
  return `POST /incidents HTTP/1.1\r\nhost: ${new URL(address).host}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Asks /livez all the time, and looks how much memory the service holds. */
function watched(victim: Victim): { stop: () => Promise<{ longest_livez_ms: number; most_mb: number }> } {
  let isOver = false;
  let longest_livez_ms = 0;
  let most_mb = 0;
  const watching = (async () => {
    while (!isOver) {
      const began_ms = performance.now();
      const { status } = await victim.ask("GET", "/livez");
      insist(status === 200, `/livez is answered with ${status}`);
      longest_livez_ms = Math.max(longest_livez_ms, performance.now() - began_ms);
      most_mb = Math.max(most_mb, residentOf(victim));
      await sleep(100);
    }
  })();
  watching.catch(() => {});
  return {
    async stop() {
      isOver = true;
      await watching;
      return { longest_livez_ms, most_mb };
    },
  };
}

function residentOf({ pid }: Victim): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
