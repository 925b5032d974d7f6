import {
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { auditLedger } from "../audit/audit.ts";
import { ServeLock } from "../ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { walDamageTold, walOf, withWal } from "../ledger/sqlite/wal-damage.ts";
import type { WalDamage, WalFrames } from "../ledger/sqlite/wal-frames.ts";
import { syncFile } from "../transfer/build-ledger.ts";
import { explained } from "../transfer/whole-file.ts";
import { WrongContent } from "../transfer/wrong-content.ts";
import { firstFault, unknownRules } from "./check-copy.ts";
import { freeName } from "./free-name.ts";
import { decideRestore, endInterruptedWork, finishRestore, restoreDirectories } from "./place-restored.ts";

/** What is recovered. */
export interface RecoveryOptions {
  readonly data_dir: string;
  /** Ends the ledger before the damage instead, and so loses the commits behind it. */
  readonly cut: boolean;
  /** An instant, which the directory that the damaged files are kept in is named after. */
  readonly at: string;
  readonly onAudited: (done: number, all: number) => void;
}

/** What became of the commits behind the damage. */
export interface Recovered {
  readonly ledger_id: string;
  readonly damage: WalDamage;
  /** Where the ledger ends now, and its hash there. */
  readonly position: number;
  readonly hash: string;
  /** Where it would have ended without this; 0 where it could not be read. */
  readonly found_position: number;
  /** Whether of the last commit in the log not all is there, so that it may be missing: a machine may have died in it. */
  readonly is_last_in_doubt: boolean;
  /** Where the damaged files are kept. */
  readonly kept_in: string;
}

/** A way to make a ledger of what is there: a WAL to be written beside the copied database, piece by piece, or none. */
interface Attempt {
  readonly wal: ((frames: WalFrames) => Iterable<Buffer>) | null;
  /** How many frames SQLite must take. */
  readonly frames: number;
  /** Whether nothing that was answered can be missing where it is right. */
  readonly isEnough: boolean;
}

/** What attempts are made with. */
interface Workshop {
  /** The ledger as it was found, which is not touched. */
  readonly file: string;
  /** The copy that attempts are laid out with. */
  readonly copy: string;
  readonly damage: WalDamage;
  readonly options: RecoveryOptions;
}

/**
 * Gets back the commits that SQLite would drop from a damaged WAL, or with `cut` gives them up. What comes of it is audited in
 * a copy, whole, before anything is touched, and put in place as a restore is; what was there is set aside. Returns null where the WAL
 * is not damaged. Throws `WrongContent` where what comes of it is not right, and with a sentence where a service runs there.
 */
export async function recoverLog(options: RecoveryOptions): Promise<Recovered | null> {
  const lock = ServeLock.take(options.data_dir);
  try {
    endInterruptedWork(options.data_dir);
    return await recoverUnderLock(options);
  } finally {
    lock.release();
  }
}

/** The same for whoever holds the lock already, and has ended interrupted work. */
export async function recoverUnderLock(options: RecoveryOptions): Promise<Recovered | null> {
  const { data_dir } = options;
  const file = join(data_dir, "ledger.db");
  const survey = withWal(file, (frames) => frames.survey());
  if (!survey?.damage) return null;
  const { damage, taken_frames, last_frame, sure_frame } = survey;
  const cut: Attempt = { wal: (frames) => frames.upTo(taken_frames), frames: taken_frames, isEnough: true };
  const ends = sure_frame > taken_frames && sure_frame < last_frame ? [last_frame, sure_frame] : [last_frame];
  const mended = ends.flatMap((end) =>
    [false, true].map(
      (skips): Attempt => ({ wal: (frames) => frames.mended(survey, end, skips), frames: end, isEnough: true }),
    ),
  );
  const { gathering } = restoreDirectories(data_dir);
  try {
    rmSync(gathering, { recursive: true, force: true });
    mkdirSync(gathering, { mode: 0o700 });
    const copy = join(gathering, "ledger.db");
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    const workshop: Workshop = { file, copy, damage, options };
    const [found_position = 0] = positionsOf([cut], workshop);
    const alone: Attempt = { wal: null, frames: 0, isEnough: false };
    const end = await best([...(options.cut ? [cut] : mended), alone], found_position, workshop);
    const aside = freeName(data_dir, `before-recovery-${options.at.replace(/[:.]/g, "-")}`);
    decideRestore(data_dir, { files: ["ledger.db"], aside, keeps_others: true });
    const owner = statSync(file);
    finishRestore(data_dir);
    for (const made of [aside, "serve.lock"]) giveTo(owner, join(data_dir, made));
    const is_last_in_doubt = !options.cut && (sure_frame < last_frame || damage.frames > last_frame);
    return { ...end, damage, found_position, is_last_in_doubt, kept_in: join(data_dir, aside) };
  } catch (error) {
    throw explained(error, data_dir);
  } finally {
    rmSync(gathering, { recursive: true, force: true });
  }
}

type End = Pick<Recovered, "ledger_id" | "position" | "hash">;

/**
 * Takes the attempt that is right and leads furthest, and makes one file of it; of those that lead as far the first. None counts
 * that leads less far than SQLite itself would, or than one that has all that was answered.
 */
async function best(attempts: readonly Attempt[], found_position: number, workshop: Workshop): Promise<End> {
  const { file, copy, damage, options } = workshop;
  const positions = positionsOf(attempts, workshop);
  const reached = attempts
    .map((attempt, index) => ({ attempt, position: positions[index] ?? 0 }))
    .filter(({ position }) => position > 0);
  const byEnd = new Map<number, number>();
  for (const { attempt, position } of reached) {
    if (attempt.isEnough) byEnd.set(attempt.frames, Math.max(position, byEnd.get(attempt.frames) ?? 0));
  }
  const least = Math.max(found_position, byEnd.size === 0 ? 0 : Math.min(...byEnd.values()));
  const ranked = reached
    .filter(({ position }) => position >= least)
    .sort((one, other) => other.position - one.position);
  let first_fault: string | null = null;
  for (const { attempt } of ranked) {
    lay(attempt, workshop);
    const audit = await audited(copy, options.onAudited);
    if (typeof audit !== "string") {
      makeOneFile(attempt, workshop);
      return audit;
    }
    first_fault ??= audit;
  }
  const told = `${walDamageTold(file, damage)}. What can be made of it is not right: ${first_fault ?? "it cannot be read"}.`;
  const rest = options.cut
    ? "Restore a backup."
    : "Restore a backup, or run recover with --cut to end the ledger before the damage.";
  throw new WrongContent(`${told} Nothing was touched. ${rest}`);
}

/** Where each attempt ends; 0 where it cannot be read. */
function positionsOf(attempts: readonly Attempt[], workshop: Workshop): number[] {
  return attempts.map((attempt) => {
    lay(attempt, workshop);
    try {
      const database = new Database(workshop.copy, { readonly: true });
      try {
        return Number(database.prepare("SELECT position FROM head").pluck().get());
      } finally {
        database.close();
      }
    } catch {
      return 0;
    }
  });
}

/** Lays the WAL of an attempt beside the copy, which stays as it is while it is only read. */
function lay({ wal }: Attempt, { file, copy }: Workshop): void {
  for (const companion of ["-wal", "-shm"]) rmSync(copy + companion, { force: true });
  if (wal === null) return;
  withWal(file, (frames) => {
    const descriptor = openSync(walOf(copy), "wx", 0o600);
    try {
      for (const piece of wal(frames)) writeSync(descriptor, piece);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Audits a copy as a backup is audited; returns what is wrong with it first, if anything is. */
async function audited(copy: string, onProgress: (done: number, all: number) => void): Promise<End | string> {
  try {
    const ledger = openSqliteLedger({ file: copy, readonly: true });
    try {
      const audit = await auditLedger(ledger, { onProgress });
      const { ledger_id, position, hash } = audit;
      return firstFault(audit, copy) ?? unknownRules(audit) ?? { ledger_id, position, hash };
    } finally {
      await ledger.close();
    }
  } catch (error) {
    // Whatever keeps it from being opened or read is wrong with this attempt, not with the next one.
    return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
  }
}

/** Has SQLite take the WAL into the copy, all of its frames, and leaves one durable file that belongs to whom the old one does. */
function makeOneFile({ frames }: Attempt, { file, copy }: Workshop): void {
  const database = new Database(copy, { fileMustExist: true });
  try {
    const [passive] = database.pragma("wal_checkpoint(PASSIVE)") as { log: number; checkpointed: number }[];
    const taken = frames === 0 ? 0 : (passive?.log ?? 0);
    if (taken !== frames) throw new WrongContent(`SQLite takes ${taken} frames of the log instead of ${frames}.`);
    const mode = database.pragma("journal_mode = DELETE", { simple: true });
    if (mode !== "delete") throw new Error(`SQLite keeps the copy ${copy} in journal mode ${mode}.`);
  } finally {
    database.close();
  }
  giveTo(statSync(file), copy);
  syncFile(copy);
}

/** What root makes must be the service's, as what it replaces was. */
function giveTo({ uid, gid }: Pick<Stats, "uid" | "gid">, path: string): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
