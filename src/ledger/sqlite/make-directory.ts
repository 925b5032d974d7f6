import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory, and those above it that are missing, for their owner only; one that is there stays as it is. One at a time:
 * where the system says of a directory that can never be made that something above it is missing, as under /proc, Node's own
 * recursive way tries for ever (Node 20).
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeDirectory(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
