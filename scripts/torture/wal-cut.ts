import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { auditLedger } from "../../src/audit/audit.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist, type Trial } from "./attack.ts";
import { framesTakenOver } from "./frames-taken-over.ts";
import { contentOf, isPrefixOf } from "./ledger-content.ts";
import { startVictim, type Victim } from "./victim.ts";
import { Writers } from "./writers.ts";

const clients = 20;
const copies = 3;
const fewest_cuts = 60;
const most_cuts = 400;
const header_bytes = 32;
const frame_bytes = 24 + 4096;

/**
 * Database and WAL are copied while clients write, as a machine that loses its power might leave them, and the WAL is
 * cut behind frames and at random bytes. What is opened then is a whole beginning of what was written, nothing else.
 */
export const walCut: Attack = {
  name: "wal-cut",
  share: 1,
  needs: [],
  async run(trial) {
    const { seed, directory, say } = trial;
    const data_dir = join(directory, "data");
    const victim = await startVictim(data_dir);
    const writers = new Writers(clients, seed);
    const taken: Copy[] = [];
    for (let copy = 0; copy < copies; copy += 1) {
      writers.start(victim);
      await sleep(200 + trial.choices.below(300));
      const answered = [...writers.answered.keys()];
      const one = copyOf(data_dir, join(directory, `copy-${copy}`), victim);
      taken.push(one);
      const content = contentOf(one.place);
      const missing = answered.find((mark) => content?.includes(mark) !== true);
      insist(missing === undefined, `${missing} was answered before the copy was made, and is not in it`);
      await writers.stop();
    }
    await victim.end("SIGTERM");
    new Aftermath(data_dir).checkWrites(writers);
    const whole = contentOf(data_dir);
    insist(whole !== null, "the ledger cannot be read");
    let cuts = 0;
    let longest = 0;
    for (const copy of taken) {
      for (const bytes of cutsOf(copy, trial)) {
        if (cuts >= fewest_cuts && !trial.hasTime()) break;
        longest = Math.max(longest, await reopened(copy.place, bytes, whole, join(directory, "cut")));
        cuts += 1;
      }
    }
    say(`${cuts} cuts, up to ${longest} events`);
    return {
      rounds: cuts,
      checked: `${taken.length} copies under load, each cut a sound beginning of ${longest} events at most`,
    };
  },
};

interface Copy {
  readonly place: string;
  /** So many frames of the WAL were, or may have been, taken over into the database; they were synced before. */
  readonly taken_over: number;
}

/** Stops the service for the moment of the copy: both files are of one instant then, as on a disk that loses its power. */
function copyOf(data_dir: string, place: string, victim: Victim): Copy {
  mkdirSync(place);
  process.kill(victim.pid, "SIGSTOP");
  for (const file of ["ledger.db", "ledger.db-wal"]) copyFileSync(join(data_dir, file), join(place, file));
  const taken_over = framesTakenOver(data_dir);
  process.kill(victim.pid, "SIGCONT");
  return { place, taken_over };
}

/** Lengths to which a WAL is cut: behind frames and at random bytes, the whole of it first. No disk loses what a checkpoint has taken over. */
function cutsOf({ place, taken_over }: Copy, { choices }: Trial): number[] {
  const { length } = readFileSync(join(place, "ledger.db-wal"));
  const frames = Math.floor((length - header_bytes) / frame_bytes);
  const shortest = taken_over === 0 ? 0 : header_bytes + taken_over * frame_bytes;
  const every = Math.max(1, Math.ceil(frames / (most_cuts / copies)));
  const cuts = [length, shortest];
  for (let frame = taken_over + choices.below(every); frame <= frames; frame += every) {
    cuts.push(header_bytes + frame * frame_bytes, shortest + choices.below(length + 1 - shortest));
  }
  // In no order, so that a run that has little time sees some of all.
  return cuts
    .map((cut) => ({ cut, place: choices.below(1e9) }))
    .sort((a, b) => a.place - b.place)
    .map(({ cut }) => cut);
}

/** Opens a copy with its WAL cut, audits it, and appends to it; returns how many events it had. */
async function reopened(copy: string, wal_bytes: number, whole: string, place: string): Promise<number> {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  copyFileSync(join(copy, "ledger.db"), join(place, "ledger.db"));
  writeFileSync(join(place, "ledger.db-wal"), readFileSync(join(copy, "ledger.db-wal")));
  truncateSync(join(place, "ledger.db-wal"), wal_bytes);
  const where = `the WAL of ${copy} cut to ${wal_bytes} bytes`;
  const content = contentOf(place);
  insist(content !== null && isPrefixOf(content, whole), `${where}: it is not a beginning of what was written`);
  const ledger = openSqliteLedger({ file: join(place, "ledger.db"), runtime: systemRuntime(), checkpointer: false });
  try {
    const { fault_count, faults, events } = await auditLedger(ledger);
    // Cut before its very first commit it is what a start makes, and the next one goes on from.
    insist(events === 0 || fault_count === 0, `${where}: ${JSON.stringify(faults.slice(0, 3))}`);
    await ledger.probe();
    return events;
  } finally {
    await ledger.close();
  }
}
