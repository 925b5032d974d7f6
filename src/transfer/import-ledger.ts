import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NotedHead } from "../audit/audit-report.ts";
import { checkLedgerFile } from "../audit/ledger-file.ts";
import { makeDirectory } from "../ledger/sqlite/make-directory.ts";
import { makeFileForOwner } from "../ledger/sqlite/owner-only.ts";
import { ServeLock } from "../ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { listFile } from "../readmodels/list-file.ts";
import { snapshotsDirectory } from "../readmodels/snapshot-file.ts";
import { LedgerBuilder, removeDatabase } from "./build-ledger.ts";
import { ExportReader, type ReadExport } from "./export-reader.ts";
import { readLines } from "./read-lines.ts";
import { syncDirectory } from "./sync-directory.ts";
import { explained } from "./whole-file.ts";
import { WrongContent } from "./wrong-content.ts";

/** What is imported, and where to. */
export interface ImportOptions {
  /** A directory that has no ledger, or none that was ever opened. */
  readonly data_dir: string;
  /** The export, in pieces. */
  readonly source: AsyncIterable<Uint8Array>;
  readonly noted_head?: NotedHead;
  readonly onProgress: (done: number, all: number) => void;
}

/** Where an import is built before it is put in place. Whatever stands there is of no use to anybody. */
export function buildingFile(data_dir: string): string {
  return join(data_dir, "ledger.db.importing");
}

/**
 * Builds a ledger from an export beside where it is to be, audits it on the way, and puts it in place only when all of it
 * is right. Throws `WrongContent` where the export is wrong, and with a sentence where the directory has a ledger or a
 * service runs there; the directory is then as it was.
 */
export async function importLedger(options: ImportOptions): Promise<ReadExport> {
  const { data_dir } = options;
  const is_new = !existsSync(data_dir);
  try {
    makeDirectory(data_dir);
    makeFileForOwner(join(data_dir, "serve.lock"));
  } catch (error) {
    throw explained(error, data_dir);
  }
  const lock = ServeLock.take(data_dir);
  let isDone = false;
  try {
    await refuseLedger(data_dir);
    const result = await build(options);
    isDone = true;
    return result;
  } finally {
    lock.release();
    if (is_new && !isDone) removeEmpty(data_dir);
  }
}

async function refuseLedger(data_dir: string): Promise<void> {
  const file = join(data_dir, "ledger.db");
  if (!existsSync(file)) return;
  const ledger = openSqliteLedger({ file, readonly: true });
  const { position } = await ledger.head().finally(() => ledger.close());
  if (position === 0) return;
  throw new Error(
    `There is a ledger in ${data_dir} already, which ends at position ${position}; import into another directory.`,
  );
}

async function build({ data_dir, source, noted_head, onProgress }: ImportOptions): Promise<ReadExport> {
  const builder = new LedgerBuilder(buildingFile(data_dir));
  try {
    const onEvent = builder.add.bind(builder);
    const reader = new ExportReader({ onEvent, onProgress, ...(noted_head === undefined ? {} : { noted_head }) });
    for await (const lines of readLines(source)) reader.take(lines);
    const result = reader.end();
    builder.finish(result.rules);
    refuseDamage(buildingFile(data_dir));
    putInPlace(data_dir);
    return result;
  } finally {
    builder.drop();
  }
}

/** What was written is read once more, by SQLite itself: every page, every row, every index. */
function refuseDamage(file: string): void {
  const [fault] = checkLedgerFile(file).faults;
  if (fault !== undefined) throw new WrongContent(`The new ledger is damaged, so it was not put in place: ${fault}.`);
  // Reading it leaves an empty WAL beside it.
  for (const part of [`${file}-wal`, `${file}-shm`]) rmSync(part, { force: true });
}

/** A WAL left of the empty ledger that was there would be taken for the new one's, and so would what was folded of it. */
function putInPlace(data_dir: string): void {
  const { file, building } = listFile(data_dir);
  for (const old of [file, building, join(data_dir, "ledger.db")]) removeDatabase(old);
  rmSync(snapshotsDirectory(data_dir), { recursive: true, force: true });
  renameSync(buildingFile(data_dir), join(data_dir, "ledger.db"));
  syncDirectory(data_dir);
}

function removeEmpty(data_dir: string): void {
  rmSync(join(data_dir, "serve.lock"), { force: true });
  if (readdirSync(data_dir).length === 0) rmdirSync(data_dir);
}
