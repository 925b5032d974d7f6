import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli } from "../../tests/support/run-cli.ts";
import { verdictOn } from "./aftermath.ts";
import { type Attack, insist, type Trial } from "./attack.ts";
import { flipBytes, loseBlock } from "./flip-bytes.ts";
import { framesTakenOver } from "./frames-taken-over.ts";
import { contentOf, isPrefixOf } from "./ledger-content.ts";
import { shownBy, untilShown } from "./shown.ts";
import { untilReady } from "./storage-down.ts";
import { beginVictim, startVictim, type Victim } from "./victim.ts";
import { Writers } from "./writers.ts";

const fewest_rounds = 5;

/** A data directory as it should be, and what a service on it shows. */
interface Sound {
  readonly stopped: string;
  /** The same ledger as a kill left it, with most of it in the WAL. */
  readonly killed: string;
  readonly content: string;
  readonly shown: ReadonlyMap<string, string>;
}

/**
 * Random bytes of a file are turned over while the service is down, or while it runs. The ledger's damage must be named by
 * `verify`, and by the start or the scrub; what is folded from the ledger must be shown as if nothing had happened.
 */
export const rot: Attack = {
  name: "rot",
  share: 4,
  needs: [],
  async run(trial) {
    const { choices, directory, hasTime, say } = trial;
    const sound = await prepare(trial);
    const kinds = {
      ledger: inLedger,
      wal: inWal,
      list: inList,
      "list while it runs": inRunningList,
      snapshot: inSnapshot,
    };
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    const found = new Map<string, number>();
    let rounds = 0;
    for (; rounds < fewest_rounds || hasTime(); rounds += 1) {
      const name = names[rounds % names.length] ?? "ledger";
      const data_dir = join(directory, `round-${rounds}`);
      cpSync(name === "wal" ? sound.killed : sound.stopped, data_dir, { recursive: true });
      const what = await kinds[name](data_dir, sound, trial);
      found.set(what, (found.get(what) ?? 0) + 1);
    }
    const checked = [...found].map(([what, count]) => `${count} × ${what}`).join(", ");
    say(checked);
    insist(choices !== undefined && found.size > 1, "nothing was found out");
    return { rounds, checked };
  },
};

async function prepare({ seed, directory }: Trial): Promise<Sound> {
  const stopped = join(directory, "stopped");
  const killed = join(directory, "killed");
  const writers = new Writers(8, seed);
  const first = await startVictim(stopped);
  await writers.each(first, 20);
  // A second snapshot stands on a part of the chain that no start reads again.
  insist((await first.end("SIGTERM")) === 0, "it does not stop in order");
  const second = await startVictim(stopped);
  await writers.each(second, 20);
  const shown = await untilShown(second);
  cpSync(stopped, killed, { recursive: true });
  insist((await second.end("SIGTERM")) === 0, "it does not stop in order");
  const content = contentOf(stopped);
  insist(content !== null, "the sound ledger cannot be read");
  return { stopped, killed, content, shown };
}

async function inLedger(data_dir: string, { content }: Sound, { choices }: Trial): Promise<string> {
  const where = flipBytes(join(data_dir, "ledger.db"), choices);
  const { code, said } = await verdictOn(data_dir);
  const isChanged = contentOf(data_dir) !== content;
  insist(code !== 0 || !isChanged, `${where}: verify finds nothing`);
  const victim = await startOrRefusal(data_dir);
  if (victim === null) {
    insist(code !== 0, `${where}: the start refuses what verify finds sound`);
    return "ledger refused";
  }
  if (isChanged) await untilReady(victim, 503).catch((error) => insist(false, `${where}: ${error}; verify: ${said}`));
  await victim.end("SIGTERM");
  if (isChanged) return "ledger red";
  return code === 0 ? "ledger's unused bytes" : "ledger's indexes, named by verify";
}

/**
 * SQLite cuts a WAL off where it is damaged. Where that loses what was answered, it must be named, kept from being written
 * over, and got back; where it may be the commit in which a machine died, what is left must be a beginning of what was there.
 */
async function inWal(data_dir: string, sound: Sound, { choices }: Trial): Promise<string> {
  const { content } = sound;
  const isMixed = framesTakenOver(data_dir) > 0;
  const damage = choices.below(3) === 0 ? loseBlock : flipBytes;
  const where = damage(join(data_dir, "ledger.db-wal"), choices);
  const before = await verdictOn(data_dir);
  if (before.said.includes("ledger.db-wal is damaged")) return recovered(data_dir, where, sound);
  const left = contentOf(data_dir);
  if (isMixed && (left === null || !isPrefixOf(left, content))) return namedAsDamage(data_dir, where);
  insist(left !== null && isPrefixOf(left, content), `${where}: it is not a beginning of what was written`);
  // The list may have seen more of the ledger than is left of it; nothing else is wrong.
  const others = before.verdict?.faults.filter(({ fault }) => !fault.startsWith("read.db was folded up to position"));
  if (isMixed && others !== undefined && others.length > 0) return namedAsDamage(data_dir, where);
  insist(others?.length === 0, `${where}: verify ends with ${before.code}: ${before.said}`);
  await startsSound(data_dir, where);
  return left === content ? "WAL's unused bytes" : "WAL cut to whole commits";
}

/** What `recover` puts in place is all that there was; what it cannot get back it leaves alone, until it is told to cut. */
async function recovered(data_dir: string, where: string, { content }: Sound): Promise<string> {
  const victim = await startOrRefusal(data_dir);
  if (victim !== null) {
    await victim.end("SIGTERM");
    const now = contentOf(data_dir);
    const isAll = now !== null && isPrefixOf(content, now);
    const isTold = victim.log().includes('"is_last_in_doubt":true');
    insist(isAll || isTold, `${where}: the start goes on without what verify misses`);
    return isAll ? "WAL put right by the start" : "WAL put right by the start but for its last commit";
  }
  const { code, stdout, stderr } = await runCli(["recover", "--json", "--data-dir", data_dir]);
  if (code === 0) {
    const left = contentOf(data_dir);
    const isAll = left === content;
    const isTold = JSON.parse(stdout).is_last_in_doubt === true && left !== null && isPrefixOf(left, content);
    insist(isAll || isTold, `${where}: what was got back is not what was there`);
    await startsSound(data_dir, where);
    return isAll ? "WAL got back" : "WAL got back but for its last commit";
  }
  insist(code === 1, `${where}: recover ends with ${code}: ${stderr}`);
  const cut = await runCli(["recover", "--cut", "--data-dir", data_dir]);
  insist(cut.code === 0 || cut.code === 1, `${where}: recover --cut ends with ${cut.code}: ${cut.stderr}`);
  if (cut.code === 1) return namedAsDamage(data_dir, where);
  const left = contentOf(data_dir);
  insist(
    left !== null && isPrefixOf(left, content),
    `${where}: what it was cut to is not a beginning of what was there`,
  );
  await startsSound(data_dir, where);
  return "WAL cut by hand";
}

async function startsSound(data_dir: string, where: string): Promise<void> {
  const victim = await startVictim(data_dir);
  await untilShown(victim);
  await victim.end("SIGTERM");
  const { code, said } = await verdictOn(data_dir);
  insist(code === 0, `${where}: after a start verify ends with ${code}: ${said}`);
}

/** Where a checkpoint had taken over what stands behind the damage, old pages and new ones are mixed. Then it is enough that it is named. */
async function namedAsDamage(data_dir: string, where: string): Promise<string> {
  const { code, said } = await verdictOn(data_dir);
  insist(code === 1, `${where}: verify ends with ${code}: ${said}`);
  return "WAL cut below a checkpoint, named by verify";
}

async function inList(data_dir: string, { shown }: Sound, { choices }: Trial): Promise<string> {
  const where = flipBytes(join(data_dir, "read.db"), choices);
  const victim = await startVictim(data_dir);
  const now = await untilShown(victim);
  for (const [path, text] of shown) insist(now.get(path) === text, `${where}: GET ${path} shows something else`);
  await victim.end("SIGTERM");
  return victim.log().includes("is built from the ledger") ? "list built anew" : "list's unused bytes";
}

/** Rows may be missed by a filter until the next start looks at the whole file; a wrong one must never be shown. */
async function inRunningList(data_dir: string, { shown }: Sound, { choices }: Trial): Promise<string> {
  const victim = await startVictim(data_dir);
  await untilReady(victim, 200);
  const where = flipBytes(join(data_dir, "read.db"), choices);
  const rows = rowsOf(shown);
  for (let round = 0; round < 5; round += 1) {
    for (const [path, { status, text }] of await shownBy(victim)) {
      insist(
        status === 200 || status === 503,
        `${where}: GET ${path} is answered with ${status}: ${text.slice(0, 300)}`,
      );
      if (status !== 200 || path.startsWith("/statistics")) continue;
      for (const [number, row] of rowsOf(new Map([[path, text]])))
        insist(rows.get(number) === row, `${where}: GET ${path} shows incident ${number} wrong: ${row}`);
    }
    await sleep(20);
  }
  await victim.end("SIGTERM");
  return "rows of a running list right";
}

async function inSnapshot(data_dir: string, { shown }: Sound, { choices }: Trial): Promise<string> {
  const snapshots = readdirSync(join(data_dir, "snapshots"));
  const where = flipBytes(join(data_dir, "snapshots", choices.one(snapshots)), choices);
  const victim = await startVictim(data_dir);
  const now = await untilShown(victim);
  for (const [path, text] of shown) insist(now.get(path) === text, `${where}: GET ${path} shows something else`);
  await untilReady(victim, 200);
  await victim.end("SIGTERM");
  return "snapshot passed over";
}

/** The service, or null where it refuses to start. */
async function startOrRefusal(data_dir: string): Promise<Victim | null> {
  const beginning = beginVictim(data_dir);
  return beginning.listening.catch((error: Error) => {
    insist(/the service ended with [12]\b/.test(error.message), error.message);
    return null;
  });
}

/** Every incident that answers show, by number. */
function rowsOf(shown: ReadonlyMap<string, string>): Map<number, string> {
  const rows = new Map<number, string>();
  for (const text of shown.values()) {
    for (const row of JSON.parse(text).incidents ?? [])
      rows.set(row.number, JSON.stringify({ ...row, queue_position: 0 }));
  }
  return rows;
}
