import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Writes files, given as path and content, into a new temporary folder; returns the folder. */
export function writeTemporaryTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "incident-ledger-tree-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Deletes a folder made by `writeTemporaryTree`, with all that is in it. */
export function removeTemporaryTree(root: string): void {
  rmSync(root, { recursive: true, force: true });
}
