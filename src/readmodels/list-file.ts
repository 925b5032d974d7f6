import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../ledger/ledger.ts";
import { ReadDatabase } from "./read-database.ts";
import { isDamage, UnusableReadDatabase } from "./unusable-read-database.ts";

/** Where a data directory has its list, and the one that is being built beside it. */
export function listFile(data_dir: string): { readonly file: string; readonly building: string } {
  return { file: join(data_dir, "read.db"), building: join(data_dir, "read.db.new") };
}

/**
 * Opens the list in a file and checks it whole: that it is a list, that SQLite finds no damage, that it is a fold of this
 * ledger. Null, and why, where it is not one to go on with.
 */
export async function openList(
  file: string,
  ledger: Ledger,
): Promise<{ readonly database: ReadDatabase } | { readonly database: null; readonly why: string }> {
  let database: ReadDatabase | undefined;
  try {
    database = ReadDatabase.open(file);
    const damage = database.damage();
    if (damage !== null) throw new UnusableReadDatabase(`it is damaged (${damage})`);
    if (!(await isFoldOf(database, ledger))) throw new UnusableReadDatabase("it was folded from another ledger");
    return { database };
  } catch (error) {
    database?.close();
    if (!existsSync(file)) return { database: null, why: "there is none" };
    // A table or a column that is missing is SQLite's plainest error.
    const is_unusable = isDamage(error) || (error instanceof Error && "code" in error && error.code === "SQLITE_ERROR");
    if (is_unusable) return { database: null, why: error instanceof Error ? error.message : String(error) };
    throw error;
  }
}

/** Begins a new list beside the old one. */
export function beginList(data_dir: string): ReadDatabase {
  const { building } = listFile(data_dir);
  removeList(building);
  return ReadDatabase.create(building);
}

/** Ends the building of a list, and puts it in the place of the old one. */
export function takeOver(data_dir: string, built: ReadDatabase): ReadDatabase {
  built.complete();
  return putInPlace(data_dir, built);
}

/** Puts a list whose building has ended in the place of the old one. */
export function putInPlace(data_dir: string, built: ReadDatabase): ReadDatabase {
  const { file, building } = listFile(data_dir);
  built.close();
  // A WAL that is left of the old file would be taken for the new one's.
  removeList(file);
  renameSync(building, file);
  return ReadDatabase.open(file);
}

/** Removes a list, if there is one, with what belongs to it. */
export function removeList(file: string): void {
  for (const part of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) rmSync(part, { force: true });
}

async function isFoldOf(database: ReadDatabase, ledger: Ledger): Promise<boolean> {
  const { ledger_id, position, hash } = database.checkpoint;
  if (position === 0) return true;
  const [first] = await ledger.read({ limit: 1 });
  const [last] = await ledger.read({ after: position - 1, limit: 1 });
  return first?.type === "ledger.opened" && first.data.ledger_id === ledger_id && last?.hash === hash;
}
