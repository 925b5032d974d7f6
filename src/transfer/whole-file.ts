import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { syncDirectory } from "./sync-directory.ts";

/**
 * Writes a new file, readable by its owner alone, from what `pieces` gives: it appears whole or not at all. What is there
 * already is never replaced. Until then the content is in the file `part` beside it. Returns what `pieces` returns.
 */
export async function writeWholeFile<Result>(
  file: string,
  part: string,
  pieces: AsyncGenerator<string, Result>,
): Promise<Result> {
  refuseTaken(file);
  let handle: FileHandle | undefined;
  try {
    handle = await open(part, "wx", 0o600);
    let next = await pieces.next();
    for (; next.done !== true; next = await pieces.next()) await handle.writeFile(next.value);
    await handle.sync();
    await handle.close();
    handle = undefined;
    putInPlace(part, file);
    return next.value;
  } catch (error) {
    throw explained(error, file);
  } finally {
    await handle?.close();
    rmSync(part, { force: true });
  }
}

/** Refuses a path where something stands already. */
export function refuseTaken(path: string): void {
  if (existsSync(path)) throw new Error(`There is something at ${path} already; name what does not exist yet.`);
}

/** A link never replaces what somebody else has put there meanwhile; not every file system knows links. */
function putInPlace(part: string, file: string): void {
  try {
    linkSync(part, file);
  } catch {
    refuseTaken(file);
    renameSync(part, file);
  }
  syncDirectory(dirname(resolve(file)));
}

/** What the file system says of a file, or of `path` where it names none, as a sentence; other errors as they are. */
export function explained(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return error;
  const told = /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
  const where = "path" in error && typeof error.path === "string" ? error.path : path;
  return new Error(`The file system says of ${where}: ${told} (${error.code}).`, { cause: error });
}
