import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import Database from "better-sqlite3";
import { vaultFile } from "../access/vault-tables.ts";
import type { SqliteDatabase } from "../ledger/sqlite/durable-database.ts";
import { ledgerFile } from "../ledger/sqlite/ledger-tables.ts";
import { HeadReader } from "../ledger/sqlite/sqlite-writer.ts";
import { syncDirectory } from "../transfer/sync-directory.ts";
import { explained, refuseTaken } from "../transfer/whole-file.ts";
import { checkCopy } from "./check-copy.ts";
import { copyDatabase } from "./copy-database.ts";
import { digestOf, type Manifest, manifestFile, piecesOf } from "./manifest.ts";
import { backupFiles } from "./place-restored.ts";
import { writeDurably } from "./write-durably.ts";

/** What is backed up, and where to. */
export interface BackupOptions {
  readonly data_dir: string;
  /** A directory that does not exist yet, in one that does. */
  readonly target: string;
  /** Where it is gathered before it is whole: beside the target. */
  readonly part: string;
  readonly made_by: string;
  /** An instant. */
  readonly made_at: string;
  /** Whether the copy is audited. */
  readonly verified: boolean;
  readonly onCopied: (done: number, all: number) => void;
  readonly onAudited: (done: number, all: number) => void;
}

/**
 * Copies what matters of a data directory, beside a running service: the ledger, then the vault, then the administrator's
 * key. In this order, since the vault's row comes before the event that needs it: whatever the copied ledger tells of is in
 * the copied vault. (What was erased between the two is missing in the vault, as it should be.) The backup appears whole
 * or not at all.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { data_dir, target, part } = options;
  refuseTaken(target);
  refuseInside(data_dir, target);
  try {
    mkdirSync(part, { mode: 0o700 });
    const seen = await copyAll(options);
    const manifest = await manifestOf(options, seen);
    if (options.verified) await checkCopy(part, manifest, options.onAudited);
    syncDirectory(part);
    refuseTaken(target);
    renameSync(part, target);
    syncDirectory(dirname(resolve(target)));
    return manifest;
  } catch (error) {
    throw told(error, target);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** A backup within the directory would keep what is erased there, and is lost together with it. */
function refuseInside(data_dir: string, target: string): void {
  const path = relative(resolve(data_dir), resolve(target));
  if (path !== ".." && !path.startsWith(`..${sep}`))
    throw new Error(`${target} is within ${data_dir}; name a directory outside of it.`);
}

type Seen = Pick<Manifest, "ledger_id" | "head">;

async function copyAll({ data_dir, part, onCopied }: BackupOptions): Promise<Seen> {
  const [from, to] = [join(data_dir, "ledger.db"), join(part, "ledger.db")];
  const seen = await copyDatabase(ledgerFile, from, to, headOf, onCopied);
  const vault = join(data_dir, "vault.db");
  if (existsSync(vault)) {
    const look = (database: SqliteDatabase) => database.prepare("SELECT count(*) FROM keys").get();
    await copyDatabase(vaultFile, vault, join(part, "vault.db"), look, () => {});
  }
  const key = join(data_dir, "admin.key");
  if (existsSync(key)) writeDurably(join(part, "admin.key"), readFileSync(key));
  return seen;
}

function headOf(database: SqliteDatabase): Seen {
  const { position, hash } = new HeadReader(database).read().head;
  if (position === 0) throw new Error("The ledger there is empty: it was never opened by a service.");
  const opened = database.prepare<[], string>("SELECT data FROM events WHERE position = 1").pluck().get() ?? "{}";
  const { ledger_id }: { ledger_id?: string } = JSON.parse(opened);
  return { ledger_id: ledger_id ?? "", head: { position, hash } };
}

async function manifestOf({ part, made_by, made_at }: BackupOptions, seen: Seen): Promise<Manifest> {
  const names = backupFiles.filter((name) => existsSync(join(part, name)));
  const files: Manifest["files"] = [];
  for (const name of names) files.push({ name, ...(await digestOf(piecesOf(join(part, name)))) });
  const manifest: Manifest = { format: "incident-ledger/backup/1", made_by, made_at, ...seen, files };
  writeDurably(join(part, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function told(error: unknown, target: string): unknown {
  if (!(error instanceof Database.SqliteError)) return explained(error, target);
  return new Error(`The backup cannot be written to ${target}: ${error.message} (${error.code}).`, { cause: error });
}
