import { existsSync, mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeDirectory } from "../ledger/sqlite/make-directory.ts";
import { makeFileForOwner } from "../ledger/sqlite/owner-only.ts";
import { ServeLock } from "../ledger/sqlite/serve-lock.ts";
import { explained } from "../transfer/whole-file.ts";
import { WrongContent } from "../transfer/wrong-content.ts";
import { checkCopy } from "./check-copy.ts";
import { freeName } from "./free-name.ts";
import { digestOf, type Manifest, piecesOf, readManifest } from "./manifest.ts";
import { decideRestore, endInterruptedWork, finishRestore, restoreDirectories } from "./place-restored.ts";
import { type PresentLedger, presentLedger } from "./present-ledger.ts";

/** What is restored, and where to. */
export interface RestoreOptions {
  readonly backup: string;
  readonly data_dir: string;
  /** Whether what is there may be set aside. */
  readonly replace: boolean;
  /** An instant, which the directory for what is set aside is named after. */
  readonly at: string;
  readonly onCopied: (done: number, all: number) => void;
  readonly onAudited: (done: number, all: number) => void;
}

/** What was restored. */
export interface Restored {
  readonly manifest: Manifest;
  /** What was there before. */
  readonly before: PresentLedger;
  /** Where that is kept now, or null: there was nothing. */
  readonly kept_in: string | null;
}

/**
 * Puts a backup in the place of what a data directory holds. The backup is copied into the directory and audited there, whole,
 * before anything is touched; then one rename decides, and from there on the rest is only ever ended: by this, or after a
 * crash by the next restore or the next start of the service. What was there is set aside, with its WAL. Throws
 * `WrongContent` where the backup is not right, and with a sentence where a service runs there or `replace` is needed.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { backup, data_dir } = options;
  const manifest = readManifest(backup);
  if (resolve(backup) === resolve(data_dir))
    throw new Error(`${backup} is the backup itself; name another --data-dir.`);
  try {
    makeDirectory(data_dir);
    makeFileForOwner(join(data_dir, "serve.lock"));
  } catch (error) {
    throw explained(error, data_dir);
  }
  const lock = ServeLock.take(data_dir);
  try {
    endInterruptedWork(data_dir);
    const before = await presentLedger(data_dir, manifest);
    if (before.is_there && !options.replace) {
      throw new Error(`${before.told} Give --replace to set aside what is there and restore the backup.`);
    }
    const aside = freeName(data_dir, `before-restore-${options.at.replace(/[:.]/g, "-")}`);
    await gather(options, manifest);
    decideRestore(data_dir, { files: manifest.files.map(({ name }) => name), aside });
    finishRestore(data_dir);
    return { manifest, before, kept_in: existsSync(join(data_dir, aside)) ? join(data_dir, aside) : null };
  } catch (error) {
    throw explained(error, data_dir);
  } finally {
    rmSync(restoreDirectories(data_dir).gathering, { recursive: true, force: true });
    lock.release();
  }
}

async function gather({ backup, data_dir, onCopied, onAudited }: RestoreOptions, manifest: Manifest): Promise<void> {
  const { gathering } = restoreDirectories(data_dir);
  rmSync(gathering, { recursive: true, force: true });
  mkdirSync(gathering, { mode: 0o700 });
  const all = manifest.files.reduce((bytes, file) => bytes + file.bytes, 0);
  let done = 0;
  for (const { name, bytes, sha256 } of manifest.files) {
    const from = join(backup, name);
    if (!existsSync(from)) throw new WrongContent(`The backup is not right: its ${name} is missing.`);
    const copied = await copyFile(from, join(gathering, name), (length) => {
      done += length;
      onCopied(done, all);
    });
    if (copied.bytes === bytes && copied.sha256 === sha256) continue;
    const found = `it has ${copied.bytes} bytes and the SHA-256 ${copied.sha256}`;
    throw new WrongContent(`The backup is not right: its ${name} was altered, ${found}.`);
  }
  await checkCopy(gathering, manifest, onAudited);
}

async function copyFile(from: string, to: string, onBytes: (length: number) => void) {
  const handle: FileHandle = await open(to, "wx", 0o600);
  try {
    const digest = await digestOf(piecesOf(from), async (piece) => {
      await handle.writeFile(piece);
      onBytes(piece.length);
    });
    await handle.sync();
    return digest;
  } finally {
    await handle.close();
  }
}
