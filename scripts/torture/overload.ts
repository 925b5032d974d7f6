import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../src/config.ts";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist } from "./attack.ts";
import { PipelinedClient, type Tally } from "./pipelined-client.ts";
import { figureOf, residentOf, type Watched, watch } from "./service-watch.ts";
import { insistWhole, StreamFollower } from "./stream-follower.ts";
import { startVictim, type Victim } from "./victim.ts";

const connections = 1500;
/** How many of them measure what the service can take: each asks again as soon as it is answered. */
const measuring = 64;
const measuring_ms = 2000;
/** How many requests of each are under way: more than one transaction takes. */
const ahead = 16;
/** Long enough that either the queue is full or commands in it have waited too long, however slow the machine is. */
const shortest_storm_ms = 7000;
const tick_ms = 5;
const most_storms = 4;
/** How often it is asked for the list, which may wait some seconds each time before it says that it is behind. */
const most_asked = 100;
/** What a service may grow by: the longest queue there may be, and what the network has in hand. */
const growth_mb = 512;
/** And for each incident, since what is open is kept in memory. */
const growth_kb_each = 3;
/** Deciding and writing one batch, and sending its answers. */
const batch_ms = 1000;
/** A storm or not, within this `/livez` is answered. Like all limits here it is the same on a patient machine. */
const livez_ms = 5000;
/** The bucket above the limit in the service's own record of how long its answers took, in seconds. */
const bucket_s = 10;

const route = 'method="POST",route="/incidents"';

/**
 * First it is measured how many reports a second the service takes, then twice as many are sent to it, whether they are
 * answered or not: what does not fit is turned away, what is taken is answered in time, memory stays bounded, `/livez`
 * answers throughout, and a client of the event stream that does not keep up is cut off, and misses nothing.
 */
export const overload: Attack = {
  name: "overload",
  share: 1.5,
  is_alone: true,
  needs: [],
  async run({ directory, hasTime, say }) {
    const data_dir = join(directory, "data");
    const victim = await startVictim(data_dir);
    const tally: Tally = { statuses: new Map(), longest_ms: 0, faults: [] };
    const clients = await connected(victim, tally);
    let capacity = await capacityOf(victim, clients, tally);
    const follower = new StreamFollower(victim, await positionOf(victim));
    await follower.begin();
    follower.stall();
    const before = { taken: taken(tally), mb: residentOf(victim.pid) };
    tally.longest_ms = 0;
    const watching = watch(victim);
    const refused = (): number => tally.statuses.get(503) ?? 0;
    for (let storms = 0; storms < most_storms && refused() === 0; storms += 1) {
      say(`it takes ${capacity} reports a second`);
      const taken_before = taken(tally);
      const began_ms = performance.now();
      const offered = await offer(victim, clients, { rate: 2 * capacity, hasTime });
      await answered(clients);
      say(`of ${offered} offered ${taken(tally) - taken_before} were taken, ${refused()} turned away`);
      // Where all of it was taken it was not twice what the service takes: others had the processors while that was measured.
      const seen = Math.round(((taken(tally) - taken_before) * 1000) / (performance.now() - began_ms));
      if (refused() === 0) capacity = Math.max(seen, 2 * capacity);
    }
    const watched = await watching.stop();
    for (const client of clients) client.end();
    checkAnswers(tally, watched, before);
    await checkOwnRecord(victim);
    await checkFollower(victim, follower);
    await checkAfterwards(victim, tally);
    insist((await victim.end("SIGTERM")) === 0, `it does not stop in order:\n${victim.log().slice(-3000)}`);
    await new Aftermath(data_dir).audit();
    const checked = [
      `of ${2 * capacity}/s ${taken(tally) - before.taken} taken, ${refused()} turned away`,
      `the slowest after ${Math.round(tally.longest_ms)} ms`,
      `${before.mb} to ${watched.most_mb} MB`,
      `/livez within ${Math.round(watched.longest_livez_ms)} ms`,
      "a slow stream cut off and resumed",
    ];
    return { rounds: 1, checked: checked.join(", ") };
  },
};

/** All connections, each answered once: Node takes up one new connection a turn. */
async function connected(victim: Victim, tally: Tally): Promise<readonly PipelinedClient[]> {
  const clients = Array.from({ length: connections }, () => new PipelinedClient(victim.address, tally));
  const request = requestOf(victim);
  for (const client of clients) client.send(request, performance.now());
  await answered(clients);
  return clients;
}

async function answered(clients: readonly PipelinedClient[]): Promise<void> {
  while (clients.some(({ open }) => open > 0)) await sleep(tick_ms);
}

/** How many reports a second the service takes from clients that wait for their answers. */
async function capacityOf(victim: Victim, clients: readonly PipelinedClient[], tally: Tally): Promise<number> {
  const request = requestOf(victim);
  const asking = clients.slice(0, measuring);
  const before = taken(tally);
  const began_ms = performance.now();
  while (performance.now() - began_ms < measuring_ms) {
    for (const client of asking) while (client.open < ahead) client.send(request, performance.now());
    await sleep(1);
  }
  const capacity = Math.round(((taken(tally) - before) * 1000) / (performance.now() - began_ms));
  await answered(clients);
  insist(capacity > 0, "it takes nothing");
  return capacity;
}

/** Sends so many reports a second, over all connections in turn, and waits for no answer. Returns how many. */
async function offer(
  victim: Victim,
  clients: readonly PipelinedClient[],
  { rate, hasTime }: { readonly rate: number; readonly hasTime: () => boolean },
): Promise<number> {
  const request = requestOf(victim);
  const began_ms = performance.now();
  let sent = 0;
  for (let now_ms = began_ms; now_ms - began_ms < shortest_storm_ms || hasTime(); now_ms = performance.now()) {
    for (; (sent * 1000) / rate < now_ms - began_ms; sent += 1) {
      clients[sent % clients.length]?.send(request, began_ms + (sent * 1000) / rate);
    }
    await sleep(tick_ms);
  }
  return sent;
}

function taken({ statuses }: Tally): number {
  return statuses.get(201) ?? 0;
}

/**
 * What a client sees begins when its request is due: until the service has read it from its socket nobody can know of it. How
 * long that is at the most, and the way of an answer, is what `/livez` took, which waits for nothing else. The rest is the wait
 * that the limits state, and the batch in which the command was decided.
 */
function checkAnswers(tally: Tally, watched: Watched, before: { readonly taken: number; readonly mb: number }): void {
  const { statuses, faults, longest_ms } = tally;
  insist(faults.length === 0, faults.slice(0, 3).join("; "));
  const others = [...statuses.keys()].filter((status) => status !== 201 && status !== 503);
  insist(others.length === 0, `answers with ${others.join(", ")}`);
  insist(taken(tally) > before.taken, "nothing was taken");
  insist((statuses.get(503) ?? 0) > 0, "nothing was turned away");
  const { longest_livez_ms, most_mb } = watched;
  insist(longest_livez_ms < livez_ms, `/livez was answered after ${Math.round(longest_livez_ms)} ms`);
  const limit_ms = limits.command_wait_ms + batch_ms + 2 * longest_livez_ms;
  insist(
    longest_ms < limit_ms,
    `a report was taken and answered after ${Math.round(longest_ms)} ms, where /livez took ${Math.round(longest_livez_ms)} ms`,
  );
  const most = before.mb + growth_mb + ((taken(tally) - before.taken) * growth_kb_each) / 1024;
  insist(most_mb < most, `it grew from ${before.mb} to ${most_mb} MB`);
}

/** By the service's own clock, too, no answer took longer than it may: from the arrival of the request's head to the end. */
async function checkOwnRecord(victim: Victim): Promise<void> {
  const name = "incident_ledger_http_request_duration_seconds";
  const all = await figureOf(victim, `${name}_count{${route}}`);
  const in_time = await figureOf(victim, `${name}_bucket{${route},le="${bucket_s}"}`);
  insist(all === in_time, `${all - in_time} answers took longer than ${bucket_s} s by the service's own clock`);
}

/** The client that took nothing was cut off, not waited for; now it comes back, and misses nothing. */
async function checkFollower(victim: Victim, follower: StreamFollower): Promise<void> {
  insist((await figureOf(victim, "incident_ledger_feed_cut_off_total")) === 1, "the slow stream was not cut off");
  follower.goOn();
  const head = await positionOf(victim);
  for (let last = -1; follower.position < head && follower.position > last; ) {
    last = follower.position;
    for (let wait = 0; wait < 100 && follower.position === last; wait += 1) await sleep(100);
  }
  follower.end();
  insistWhole(follower);
  insist(follower.position >= head, `the stream came up to ${follower.position} of ${head}`);
  insist(follower.cut_offs === 1, `the slow stream ended ${follower.cut_offs} times`);
}

async function checkAfterwards(victim: Victim, tally: Tally): Promise<void> {
  const { status } = await victim.ask("POST", "/incidents", { title: "after the storm" });
  insist(status === 201, `afterwards a report is answered with ${status}`);
  const reported = await listedBy(victim);
  const answers = taken(tally) + 1;
  insist(reported === answers, `${answers} reports were answered with 201, and ${reported} are there`);
  insist((await victim.ask("GET", "/readyz")).status === 200, "it is not ready afterwards");
}

/** How many incidents are listed, as soon as the list has come up with the ledger; until then it says 503. */
async function listedBy(victim: Victim): Promise<number> {
  for (let asked = 1; ; asked += 1) {
    const { status, json, text } = await victim.ask("GET", "/incidents?limit=1&count=true");
    if (status === 200) return Number(json.total);
    insist(status === 503 && asked < most_asked, `GET /incidents is answered with ${status}: ${text}`);
    await sleep(100);
  }
}

async function positionOf(victim: Victim): Promise<number> {
  return Number((await victim.ask("GET", "/ledger/head")).json.position);
}

function requestOf({ address, key }: Victim): string {
  const body = JSON.stringify({ title: "one of very many", severity: 3 });
  return `POST /incidents HTTP/1.1\r\nhost: ${new URL(address).host}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}
