import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist, type Trial } from "./attack.ts";
import { DiskOrders } from "./disk-orders.ts";
import { fillDisk, hitSizeLimit } from "./full-disk.ts";
import { checkStorageDown, untilReady } from "./storage-down.ts";
import { startVictim, type Victim } from "./victim.ts";
import { Writers } from "./writers.ts";

const clients = 8;
const writes_each = 3;
const fewest_rounds = 10;

/**
 * The n-th write or sync of the ledger's files fails, once or from then on until the disk is back, for an n anywhere in a short
 * run; now and then the service is killed while the disk is gone. Then a disk that is really full, and a limit on files.
 */
export const disk: Attack = {
  name: "disk",
  share: 3,
  needs: ["gcc", "prlimit"],
  async run(trial) {
    const injected = await injectErrors(trial);
    const full = await fillDisk(trial);
    await hitSizeLimit(trial);
    const { rounds, writes, refusals, failed } = injected;
    const how = full.is_mounted ? "a full tmpfs" : `files that may not grow (no tmpfs: ${full.why_not})`;
    return {
      rounds: rounds + 2,
      checked: `${failed} failed calls, ${refusals} refusals, ${writes} answered writes; ${how}, a size limit`,
    };
  },
};

async function injectErrors({ seed, choices, directory, hasTime, say }: Trial) {
  const data_dir = join(directory, "injected");
  const orders = new DiskOrders(directory);
  const writers = new Writers(clients, seed);
  const aftermath = new Aftermath(data_dir);
  let victim = await startVictim(data_dir, { env: orders.env });
  const before = orders.calls;
  await writers.each(victim, writes_each);
  const calls = orders.calls - before;
  say(`${clients * writes_each} writes are ${calls} calls`);
  let rounds = 0;
  for (; rounds < fewest_rounds || hasTime(); rounds += 1) {
    const n = 1 + choices.below(calls);
    const error = choices.one(["EIO", "ENOSPC"] as const);
    const times = choices.one(["once", "for good"] as const);
    const what = `call ${n} of ${calls} fails ${times} with ${error}`;
    try {
      victim = await oneFailure(
        { victim, orders, writers, restart: () => startVictim(data_dir, { env: orders.env }) },
        () => {
          orders.failAt(n, error, times);
          return { isForGood: times === "for good", isKilled: choices.percent(20) };
        },
      );
      aftermath.checkWrites(writers);
      await aftermath.checkNobodyIdle(victim);
      if (rounds % 4 === 3) await aftermath.audit();
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  insist((await victim.end("SIGTERM")) === 0, `it does not stop in order:\n${victim.log().slice(-3000)}`);
  await aftermath.checkLedger();
  insist(orders.failed >= rounds / 2, `only ${orders.failed} calls failed in ${rounds} rounds`);
  return { rounds, writes: writers.answered.size, refusals: writers.refusals, failed: orders.failed };
}

interface Scene {
  readonly victim: Victim;
  readonly orders: DiskOrders;
  readonly writers: Writers;
  readonly restart: () => Promise<Victim>;
}

/** One failure from its beginning until every write is answered; returns the service that goes on. */
async function oneFailure(
  { victim, orders, writers, restart }: Scene,
  begin: () => { readonly isForGood: boolean; readonly isKilled: boolean },
): Promise<Victim> {
  const { isForGood, isKilled } = begin();
  const failed = orders.failed;
  let isDone = false;
  const writing = writers.each(victim, writes_each).finally(() => {
    isDone = true;
  });
  // Whatever is thrown in between, this is waited for below or does not matter any more.
  writing.catch(() => {});
  if (isForGood) {
    // The call may be one of a checkpoint, which no client waits for: then the next write meets the same disk.
    while (orders.failed === failed && !isDone) await sleep(2);
    if (orders.failed > failed) await checkStorageDown(victim);
    if (isKilled) await victim.end("SIGKILL");
    orders.heal();
  } else if (isKilled) {
    while (orders.failed === failed && !isDone) await sleep(2);
    await victim.end("SIGKILL");
  }
  await writing;
  orders.heal();
  const next = victim.isAlive() ? victim : await restart();
  await writers.settle(next);
  await untilReady(next, 200);
  return next;
}
