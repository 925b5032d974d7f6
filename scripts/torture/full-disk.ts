import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Aftermath } from "./aftermath.ts";
import { insist, type Trial } from "./attack.ts";
import { untilShown } from "./shown.ts";
import { checkStorageDown, type Leeway, untilReady } from "./storage-down.ts";
import { startVictim, type Victim, withLog } from "./victim.ts";
import { Writers } from "./writers.ts";

const disk_bytes = 24 * 1024 * 1024;
const ballast_bytes = 16 * 1024 * 1024;
const clients = 8;
const large = "x".repeat(60_000);

/** Fills a small tmpfs with incidents until nothing more fits, and makes room again. */
export async function fillDisk(
  trial: Trial,
): Promise<{ readonly is_mounted: true } | { readonly is_mounted: false; readonly why_not: string }> {
  const data_dir = join(trial.directory, "small-disk");
  mkdirSync(data_dir);
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${disk_bytes}`, "tmpfs", data_dir], {
    encoding: "utf8",
  });
  if (mount.status !== 0) return { is_mounted: false, why_not: mount.stderr?.trim() || "mount cannot be run" };
  const unmount = (): unknown => spawnSync("umount", ["-l", data_dir]);
  process.once("exit", unmount);
  try {
    const ballast = join(data_dir, "ballast");
    writeFileSync(ballast, Buffer.alloc(ballast_bytes));
    const filler = new Filler(join(data_dir, "filler"));
    await fillUp(trial, data_dir, {
      leeway: { is_all_down: true, may_write: true },
      exhaust: () => filler.begin(),
      relieve: () => {
        filler.end();
        rmSync(ballast);
      },
    });
    return { is_mounted: true };
  } finally {
    unmount();
    process.off("exit", unmount);
  }
}

/** Lets no file of the service grow any more, and takes the limit away again. */
export async function hitSizeLimit(trial: Trial): Promise<void> {
  const data_dir = join(trial.directory, "size-limit");
  const limit = (victim: Victim, bytes: string): void => {
    const { status, stderr } = spawnSync("prlimit", ["--pid", String(victim.pid), `--fsize=${bytes}:`], {
      encoding: "utf8",
    });
    insist(status === 0, `prlimit: ${stderr}`);
  };
  await fillUp(trial, data_dir, {
    leeway: { is_all_down: true },
    // A log that begins anew shall find no room either.
    tighten: (victim) => limit(victim, "4096"),
    relieve: (victim) => limit(victim, "unlimited"),
  });
}

/** Takes whatever room there is, again and again: a service that shortens its files shall gain nothing by it. */
class Filler {
  readonly #file: string;
  #timer: NodeJS.Timeout | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  begin(): void {
    this.#fill();
    this.#timer = setInterval(() => this.#fill(), 2);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    rmSync(this.#file, { force: true });
  }

  #fill(): void {
    try {
      for (;;) appendFileSync(this.#file, Buffer.alloc(4096));
    } catch {
      // It is full.
    }
  }
}

interface Shortage {
  /** Before there is any shortage. */
  readonly tighten?: (victim: Victim) => void;
  /** Once the first write has been turned away. */
  readonly exhaust?: () => void;
  readonly relieve: (victim: Victim) => void;
  readonly leeway: Leeway;
}

/** Writes until the storage is exhausted, looks at what still works, relieves it, and sees everything come back by itself. */
async function fillUp(trial: Trial, data_dir: string, shortage: Shortage): Promise<void> {
  const victim = await startVictim(data_dir);
  await withLog(victim, () => fillUpUnder(victim, trial, data_dir, shortage));
}

async function fillUpUnder(
  victim: Victim,
  { seed, say }: Trial,
  data_dir: string,
  { tighten, exhaust, relieve, leeway }: Shortage,
) {
  const writers = new Writers(clients, seed);
  const aftermath = new Aftermath(data_dir);
  await writers.each(victim, 3);
  // A list that was never there cannot be shown while nothing can be written.
  await untilShown(victim);
  tighten?.(victim);
  let count = 0;
  for (; count < 2000; count += 1) {
    const { status, headers } = await victim.ask("POST", "/incidents", { title: "large", description: large });
    if (status === 503) {
      insist(Number(headers["retry-after"]) >= 1, "a 503 without Retry-After");
      break;
    }
    insist(status === 201, `a report is answered with ${status}`);
  }
  insist(count < 2000, "the disk is never full");
  exhaust?.();
  const writing = writers.each(victim, 1);
  writing.catch(() => {});
  await checkStorageDown(victim, leeway);
  // For as long as it takes a thread to fail again and again.
  await sleep(2000);
  await checkStorageDown(victim, leeway);
  aftermath.checkWrites(writers);
  relieve(victim);
  await writing;
  await untilReady(victim, 200);
  await writers.each(victim, 3);
  aftermath.checkWrites(writers);
  await aftermath.checkNobodyIdle(victim);
  await aftermath.audit();
  insist((await victim.end("SIGTERM")) === 0, `it does not stop in order:\n${victim.log().slice(-3000)}`);
  await aftermath.checkLedger();
  say(`there was no room any more after ${count} large reports, and everything came back`);
}
