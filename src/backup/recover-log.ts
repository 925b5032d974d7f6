import { constants, copyFileSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { auditLedger } from "../audit/audit.ts";
import { sentenceOf } from "../audit/fault.ts";
import { checkLedgerFile } from "../audit/ledger-file.ts";
import { ServeLock } from "../ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { readWal, walDamageTold, walOf } from "../ledger/sqlite/wal-damage.ts";
import type { WalDamage } from "../ledger/sqlite/wal-frames.ts";
import { syncDirectory } from "../transfer/sync-directory.ts";
import { WrongContent } from "../transfer/wrong-content.ts";
import { freeName } from "./free-name.ts";
import { recoveryDirectory } from "./place-restored.ts";

/** What is recovered. */
export interface RecoveryOptions {
  readonly data_dir: string;
  /** Ends the ledger before the damage instead, and so loses the commits behind it. */
  readonly cut: boolean;
  /** An instant, which the file that the damaged WAL is kept in is named after. */
  readonly at: string;
  readonly onAudited: (done: number, all: number) => void;
}

/** What became of the commits behind the damage. */
export interface Recovered {
  readonly ledger_id: string;
  readonly damage: WalDamage;
  /** What was damaged, without a full stop. */
  readonly told: string;
  /** Where the ledger ends now, and its hash there. */
  readonly position: number;
  readonly hash: string;
  /** Where the damaged WAL is kept. */
  readonly kept_in: string;
}

/**
 * Gets back the commits that SQLite would drop from a damaged WAL, or with `cut` gives them up. What comes of it is audited
 * beside the files, whole, before anything is touched; then one rename puts it in place. Returns null where the WAL is not damaged.
 * Throws `WrongContent` where what comes of it is not right, and with a sentence where a service runs there.
 */
export async function recoverLog(options: RecoveryOptions): Promise<Recovered | null> {
  const { data_dir, cut, at } = options;
  const lock = ServeLock.take(data_dir);
  const place = recoveryDirectory(data_dir);
  try {
    const file = join(data_dir, "ledger.db");
    const wal = readWal(file);
    const survey = wal?.survey();
    if (wal === null || !survey?.damage) return null;
    const { damage, taken_frames } = survey;
    const told = walDamageTold(file, damage);
    const content = cut ? wal.upTo(taken_frames) : wal.mended();
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { mode: 0o700 });
    const copy = join(place, "ledger.db");
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    writeFileSync(walOf(copy), content, { mode: 0o600, flush: true });
    const end = await audited(copy, told, options);
    const kept_in = freeName(data_dir, `ledger.db-wal.damaged-${at.replace(/[:.]/g, "-")}`);
    putInPlace(file, walOf(copy), join(data_dir, kept_in));
    return { ...end, damage, told, kept_in: join(data_dir, kept_in) };
  } finally {
    rmSync(place, { recursive: true, force: true });
    lock.release();
  }
}

type End = Pick<Recovered, "ledger_id" | "position" | "hash">;

/** Audits a copy as `verify` does; who only reads leaves its WAL as it is. */
async function audited(file: string, told: string, { cut, onAudited }: RecoveryOptions): Promise<End> {
  const ledger = openSqliteLedger({ file, readonly: true });
  try {
    const { faults, ledger_id, position, hash } = await auditLedger(ledger, { onProgress: onAudited });
    const [fault = checkLedgerFile(file).faults[0]] = faults.map(sentenceOf);
    if (fault === undefined) return { ledger_id, position, hash };
    throw new WrongContent(
      cut
        ? `${told}. What is before it is not right either, ${fault}; restore a backup.`
        : `${told}. With them the ledger is not right, ${fault}. Restore a backup that has them, or run recover with --cut to end the ledger before the damage, without them.`,
    );
  } finally {
    await ledger.close();
  }
}

/** The damaged WAL keeps a name at every moment, so that no crash in between leaves the ledger without one. */
function putInPlace(file: string, wal: string, kept_in: string): void {
  const directory = dirname(file);
  linkSync(walOf(file), kept_in);
  syncDirectory(directory);
  renameSync(wal, walOf(file));
  syncDirectory(directory);
  rmSync(`${file}-shm`, { force: true });
}
