import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { InvalidArgumentError, Option } from "commander";
import { isRestoring, restoreDirectories } from "../backup/place-restored.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { leavingAsFound } from "../ledger/sqlite/leaving-as-found.ts";
import { ServeLock } from "../ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { walAdvice, walDamage, walDamageTold } from "../ledger/sqlite/wal-damage.ts";
import { CannotRun, FoundWrong } from "./outcome.ts";

/** The flag that names the data directory; without it the variable DATA_DIR does. */
export function dataDirOption(): Option {
  return new Option("--data-dir <directory>", "the directory of the ledger, the read model and the vault")
    .env("DATA_DIR")
    .default("./data")
    .argParser((value) => {
      if (value.trim() === "") throw new InvalidArgumentError("It is empty.");
      return value;
    });
}

/** The ledger's file in a data directory. */
export function ledgerFileIn(data_dir: string): string {
  return join(data_dir, "ledger.db");
}

/** Refuses a directory in which a restore was cut off: what is there is neither the old nor the new. */
export function refuseCutRestore(data_dir: string): void {
  if (!isRestoring(data_dir)) return;
  throw new CannotRun(
    `A restore into ${data_dir} was cut off; start the service there or run restore again to end it.`,
  );
}

/** Refuses to write to a ledger whose WAL is damaged: SQLite would write over what is behind the damage. */
export function refuseDamagedLog(data_dir: string): void {
  const file = ledgerFileIn(data_dir);
  const damage = walDamage(file);
  if (damage !== null) throw new FoundWrong(`${walDamageTold(file, damage)}: ${walAdvice}.`);
}

/** Refuses a ledger of which SQLite leaves out the end, since its WAL is damaged. Beside a running service it does not. */
export function refuseCutLog(data_dir: string): void {
  if (isCut(data_dir)) refuseDamagedLog(data_dir);
}

/** Says on standard error that SQLite leaves out the end of the ledger, if so. */
export function warnOfCutLog(data_dir: string): void {
  try {
    refuseCutLog(data_dir);
  } catch (error) {
    if (!(error instanceof FoundWrong)) throw error;
    process.stderr.write(`${error.message}\n`);
  }
}

/** A recovery has the lock as a service has it. */
function isCut(data_dir: string): boolean {
  return !ServeLock.isTaken(data_dir) || existsSync(restoreDirectories(data_dir).gathering);
}

/** Runs work on the ledger of a data directory, opened for reading only, and leaves the directory as it was. */
export async function withLedger<Result>(data_dir: string, work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  refuseCutRestore(data_dir);
  const file = ledgerFileIn(data_dir);
  if (!existsSync(file)) {
    throw new CannotRun(`There is no ledger in ${data_dir}; name the directory of one with --data-dir.`);
  }
  return leavingAsFound(file, async () => {
    const ledger = opened(file);
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  });
}

function opened(file: string): Ledger {
  try {
    return openSqliteLedger({ file, readonly: true });
  } catch (error) {
    const damage = walDamage(file);
    const told = error instanceof Error ? error.message : String(error);
    const message =
      damage === null ? told : `${walDamageTold(file, damage)}: ${walAdvice}. What is left cannot be read: ${told}`;
    if (error instanceof Database.SqliteError) {
      throw new FoundWrong(`The ledger at ${file} is damaged: ${message} (${error.code}).`, { cause: error });
    }
    if (isDamage(error)) throw new FoundWrong(message, { cause: error });
    throw new CannotRun(message, { cause: error });
  }
}

/** Whether it is a ledger, and damaged so much that it cannot even be opened. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { cause } = error;
  return (
    /lost its head row/.test(error.message) || (cause instanceof Database.SqliteError && /CORRUPT/.test(cause.code))
  );
}
