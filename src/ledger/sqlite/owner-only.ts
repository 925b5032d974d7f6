import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectory } from "./make-directory.ts";

/** What SQLite has beside a file; it makes them with that file's own mode. */
const companions = ["-wal", "-shm", "-journal"];

/**
 * Makes an empty file, and its directory, for their owner only. What is there already is not even opened: closing it
 * would free the locks that this process holds on it.
 */
export function makeFileForOwner(file: string): void {
  makeDirectory(dirname(file));
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
}

/** Takes a SQLite file, and what is beside it, away from everybody but its owner. */
export function keepFileForOwner(file: string): void {
  restrict(file, 0o600);
  for (const companion of companions) {
    try {
      restrict(file + companion, 0o600);
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error;
    }
  }
}

/** Makes a directory for its owner only; takes one that is there away from everybody else. */
export function makeDirectoryForOwner(directory: string): void {
  makeDirectory(directory);
  restrict(directory, 0o700);
}

function restrict(path: string, mode: number): void {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, mode);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
