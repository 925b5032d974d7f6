import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { vaultFile } from "../access/vault-tables.ts";
import type { FileKind } from "../ledger/sqlite/durable-database.ts";
import { leavingAsFound } from "../ledger/sqlite/leaving-as-found.ts";
import { ledgerFile } from "../ledger/sqlite/ledger-tables.ts";
import { listSchema } from "../readmodels/list-schema.ts";
import { latestRules } from "../rules/rules.ts";

/** A file's version beside the one that this build writes. */
export interface FileVersion {
  readonly file: string;
  /** Null where there is no such file, or it is none of ours. */
  readonly version: number | null;
  readonly known: number;
  readonly state: "as this build writes it" | "newer" | "to be upgraded" | "older" | "not ours" | "not there";
}

/** What versions a data directory has. */
export interface DirectoryVersions {
  readonly files: readonly FileVersion[];
  /** The rules in force (null: the ledger is empty or cannot be used), and the newest that this build knows. */
  readonly rules: { readonly in_force: number | null; readonly known: number };
  /** Why this build cannot work there, sentences. */
  readonly obstacles: readonly string[];
  /** What the service does by itself at its next start, sentences. */
  readonly at_start: readonly string[];
}

interface Kind {
  readonly file: string;
  readonly application_id: number;
  readonly known: number;
  /** Whether older versions are brought to this one when the file is next opened to be written. */
  readonly has_upgrades: boolean;
}

const ledger: Kind = {
  file: "ledger.db",
  application_id: ledgerFile.application_id,
  known: ledgerFile.tables_version,
  has_upgrades: hasUpgrades(ledgerFile),
};
const vault: Kind = {
  file: "vault.db",
  application_id: vaultFile.application_id,
  known: vaultFile.tables_version,
  has_upgrades: hasUpgrades(vaultFile),
};
const list: Kind = {
  file: "read.db",
  application_id: listSchema.application_id,
  known: listSchema.version,
  has_upgrades: false,
};

/** Looks at the files of a data directory and changes nothing. Throws with a sentence where there is no ledger. */
export async function directoryVersions(data_dir: string): Promise<DirectoryVersions> {
  const ledger_file = join(data_dir, ledger.file);
  if (!existsSync(ledger_file)) {
    throw new Error(`There is no ledger in ${data_dir}; name the directory of one with --data-dir.`);
  }
  const kept = [await versionOf(data_dir, ledger), await versionOf(data_dir, vault)];
  const derived = await versionOf(data_dir, list);
  const isUsable = kept[0]?.state === "as this build writes it";
  const in_force = isUsable ? await rulesIn(ledger_file) : null;
  const obstacles = kept.flatMap((file) => obstacleOf(file));
  if (in_force !== null && in_force > latestRules) {
    obstacles.push(`Rules ${in_force} are in force, of which this build knows ${latestRules}; use a newer build.`);
  }
  const at_start = kept.flatMap(({ file, version, known, state }) =>
    state === "to be upgraded"
      ? [
          `The service brings ${file} from version ${version} to ${known} at its next start; older builds cannot read it then.`,
        ]
      : [],
  );
  if (derived.state !== "as this build writes it") at_start.push("The service builds read.db anew at its next start.");
  if (in_force !== null && in_force < latestRules) {
    at_start.push(`The service puts rules ${latestRules} in force at its next start, by an event of their own.`);
  }
  return { files: [...kept, derived], rules: { in_force, known: latestRules }, obstacles, at_start };
}

function hasUpgrades({ upgrades = [], tables_version }: FileKind): boolean {
  return upgrades.length > 0 && upgrades.length === tables_version - 1;
}

async function versionOf(data_dir: string, { file, application_id, known, has_upgrades }: Kind): Promise<FileVersion> {
  const path = join(data_dir, file);
  if (!existsSync(path)) return { file, version: null, known, state: "not there" };
  const found = await leavingAsFound(path, async () => pragmasOf(path));
  if (found?.application_id !== application_id) return { file, version: null, known, state: "not ours" };
  const { version } = found;
  const older = has_upgrades && version >= 1 ? "to be upgraded" : "older";
  const state = version > known ? "newer" : version < known ? older : "as this build writes it";
  return { file, version, known, state };
}

function pragmasOf(path: string): { readonly application_id: number; readonly version: number } | null {
  return read(path, (database) => ({
    application_id: Number(database.pragma("application_id", { simple: true })),
    version: Number(database.pragma("user_version", { simple: true })),
  }));
}

/** Null where no commit was ever made, or the head is gone. */
async function rulesIn(path: string): Promise<number | null> {
  const rules = await leavingAsFound(path, async () =>
    read(path, (database) => Number(database.prepare("SELECT rules FROM head").pluck().get() ?? 0)),
  );
  return rules === null || rules === 0 ? null : rules;
}

/** Null where it is not a file that SQLite can read. */
function read<Result>(path: string, work: (database: Database.Database) => Result): Result | null {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    return work(database);
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  } finally {
    database?.close();
  }
}

function obstacleOf({ file, version, known, state }: FileVersion): string[] {
  if (state === "newer")
    return [`${file} is of version ${version}, of which this build knows ${known}; use a newer build.`];
  if (state === "older") return [`${file} is of version ${version}, which this build cannot read.`];
  return state === "not ours" ? [`${file} is not a file of Incident Ledger, or is damaged.`] : [];
}
