import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { type WalDamage, WalFrames } from "./wal-frames.ts";

/** While somebody writes, what is read first may be older than what is read last; damage stays where it is. */
const most_looks = 5;

/** The WAL of a database's file. */
export function walOf(file: string): string {
  return `${file}-wal`;
}

/** Reads the WAL of a database's file; null where it holds nothing. The file itself is not opened: see `ServeLock`. */
export function readWal(file: string): WalFrames | null {
  const content = existsSync(walOf(file)) ? readFileSync(walOf(file)) : Buffer.alloc(0);
  return WalFrames.canHoldAny(content) ? new WalFrames(content) : null;
}

/** What is wrong with the WAL of a database's file, or null. It only reads, beside a running service too. */
export function walDamage(file: string): WalDamage | null {
  let before: WalDamage | null = null;
  for (let look = 0; look < most_looks; look += 1) {
    const damage = readWal(file)?.survey().damage ?? null;
    if (damage === null || damage.frame === before?.frame) return damage;
    before = damage;
  }
  return null;
}

/** Says what is wrong with the WAL of a database's file, without a full stop. */
export function walDamageTold(file: string, { frame, frames, lost_commits }: WalDamage): string {
  const where = frame === 0 ? "in its header" : `in frame ${frame} of ${frames}`;
  const lost = lost_commits === 1 ? "a commit" : `${lost_commits} commits`;
  return `${basename(walOf(file))} is damaged ${where}, and SQLite drops ${lost} from there on`;
}

/** Throws with a sentence where SQLite would drop commits of the WAL and then write over them. */
export function refuseDamagedWal(file: string): void {
  const damage = walDamage(file);
  if (damage === null) return;
  throw new Error(
    `${walDamageTold(file, damage)}. Nothing was touched. Run recover on its directory, which gets back what it can, or restore a backup.`,
  );
}
