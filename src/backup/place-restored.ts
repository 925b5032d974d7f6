import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory } from "../ledger/sqlite/make-directory.ts";
import { removeDatabase } from "../transfer/build-ledger.ts";
import { buildingFile } from "../transfer/import-ledger.ts";
import { syncDirectory } from "../transfer/sync-directory.ts";
import { writeDurably } from "./write-durably.ts";

/** The files of a backup, in the order in which they are put in place: the ledger last. */
export const backupFiles = ["vault.db", "admin.key", "ledger.db"] as const;

/** What is done in place of what: kept with the new files, so that whoever comes after a crash does the same. */
export interface RestorePlan {
  /** The new files, some of `backupFiles`. */
  readonly files: readonly string[];
  /** The directory within the data directory where the old files go. */
  readonly aside: string;
  /** Whether what has no new file stays as it is, instead of being set aside. */
  readonly keeps_others?: boolean;
}

/** Everything that a data directory can hold and that a restore replaces; the databases with what belongs to them. */
const databases = ["ledger.db", "vault.db", "read.db", "read.db.new", "ledger.db.importing"];
const companions = ["", "-wal", "-shm", "-journal"];
const planFile = "plan.json";

/** Where a restore gathers the new files: before they are known to be right, and from when on they count. */
export function restoreDirectories(data_dir: string): { readonly gathering: string; readonly ready: string } {
  return { gathering: join(data_dir, "restore.gathering"), ready: join(data_dir, "restore.ready") };
}

/** Whether a restore was decided in this directory and is not at its end. */
export function isRestoring(data_dir: string): boolean {
  return existsSync(restoreDirectories(data_dir).ready);
}

/** Decides a restore: from here on it is only ever ended, never taken back. The new files are gathered, durable and right. */
export function decideRestore(data_dir: string, plan: RestorePlan): void {
  const { gathering, ready } = restoreDirectories(data_dir);
  writeDurably(join(gathering, planFile), `${JSON.stringify(plan)}\n`);
  syncDirectory(gathering);
  renameSync(gathering, ready);
  syncDirectory(data_dir);
}

/** Ends a restore that was decided, however far it had come; returns whether there was one. To be called under the lock. */
export function finishRestore(data_dir: string): boolean {
  if (!isRestoring(data_dir)) return false;
  for (const step of restoreSteps(data_dir)) step();
  return true;
}

/**
 * To be called under the lock before anything in the directory is opened: ends a restore that was decided and cut off
 * (returns whether there was one), and removes what an import, a restore or a recovery left that was cut off before it counted.
 */
export function endInterruptedWork(data_dir: string): boolean {
  const { gathering } = restoreDirectories(data_dir);
  const wasCut = finishRestore(data_dir);
  rmSync(gathering, { recursive: true, force: true });
  removeDatabase(buildingFile(data_dir));
  return wasCut;
}

/**
 * What is left to be done, one change of the file system in each step. A file that is still among the new ones has not been
 * put in place, so what stands there under its name is old; its WAL, which would be taken for the new one's, goes with it.
 */
export function* restoreSteps(data_dir: string): Generator<() => void> {
  const { gathering, ready } = restoreDirectories(data_dir);
  const { files, aside, keeps_others = false }: RestorePlan = JSON.parse(readFileSync(join(ready, planFile), "utf8"));
  const kept = join(data_dir, aside);
  const isOld = (name: string): boolean => (files.includes(name) ? existsSync(join(ready, name)) : !keeps_others);
  const old = [
    ...databases.filter(isOld).flatMap((name) => companions.map((ending) => name + ending)),
    ...["admin.key", "snapshots"].filter(isOld),
  ].filter((name) => existsSync(join(data_dir, name)));
  if (old.length > 0) yield () => makeDirectory(kept);
  for (const name of old) yield () => renameSync(join(data_dir, name), join(kept, name));
  if (old.length > 0) yield () => syncDirectory(kept);
  yield () => syncDirectory(data_dir);
  for (const name of backupFiles) {
    if (files.includes(name) && existsSync(join(ready, name))) {
      yield () => renameSync(join(ready, name), join(data_dir, name));
    }
  }
  yield () => syncDirectory(data_dir);
  yield () => rmSync(gathering, { recursive: true, force: true });
  yield () => renameSync(ready, gathering);
  yield () => rmSync(gathering, { recursive: true, force: true });
  yield () => syncDirectory(data_dir);
}
