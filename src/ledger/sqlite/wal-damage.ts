import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { type WalDamage, WalFrames } from "./wal-frames.ts";

/** While somebody writes, what is read first may be older than what is read last; damage stays where it is. */
const most_looks = 5;

/** The WAL of a database's file. */
export function walOf(file: string): string {
  return `${file}-wal`;
}

/** Looks into the WAL of a database's file; null where it holds nothing. The file itself is not opened: see `ServeLock`. */
export function withWal<Result>(file: string, look: (frames: WalFrames) => Result): Result | null {
  const descriptor = opened(walOf(file));
  if (descriptor === null) return null;
  try {
    const { size: bytes } = fstatSync(descriptor);
    if (!WalFrames.canHoldAny(bytes)) return null;
    const read = (offset: number, length: number): Buffer => {
      const content = Buffer.alloc(length);
      readSync(descriptor, content, 0, length, offset);
      return content;
    };
    return look(new WalFrames({ bytes, read }));
  } finally {
    closeSync(descriptor);
  }
}

/** What is wrong with the WAL of a database's file, or null. It only reads, beside a running service too. */
export function walDamage(file: string): WalDamage | null {
  let before: WalDamage | null = null;
  for (let look = 0; look < most_looks; look += 1) {
    const damage = withWal(file, (frames) => frames.survey().damage);
    if (damage === null || damage.frame === before?.frame) return damage;
    before = damage;
  }
  return null;
}

/** What to do about a damaged WAL, to follow on what is wrong with it, without a full stop. */
export const walAdvice =
  "end a service that runs there with SIGKILL, since an orderly stop takes the damage over, open the directory with nothing else, and run recover on it";

/** Says what is wrong with the WAL of a database's file, without a full stop. */
export function walDamageTold(file: string, { frame, frames, lost_commits }: WalDamage): string {
  const where = frame === 0 ? "in its header" : `in frame ${frame} of ${frames}`;
  const lost = lost_commits === 1 ? "a commit" : `${lost_commits} commits`;
  return `${basename(walOf(file))} is damaged ${where}, from where on SQLite would drop ${lost}`;
}

function opened(file: string): number | null {
  try {
    return openSync(file, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
